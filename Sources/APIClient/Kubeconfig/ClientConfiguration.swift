/// Where an API server is and how to prove who asks.
package struct ClientConfiguration: Sendable {
  package enum Token: Sendable, Hashable {
    case none
    case fixed(String)
    /// Read again as it is rotated.
    case file(String)
  }

  package var server: ServerAddress
  /// PEM; the system's roots where `nil`.
  package var certificateAuthority: [UInt8]?
  /// PEM, with its intermediate certificates.
  package var clientCertificate: [UInt8]?
  /// PEM.
  package var clientKey: [UInt8]?
  package var token: Token
  /// Accepts any certificate of the server.
  package var skipsVerification = false
  /// The namespace that requests mean where they name none.
  package var namespace = "default"

  package init(
    server: ServerAddress, certificateAuthority: [UInt8]? = nil, clientCertificate: [UInt8]? = nil,
    clientKey: [UInt8]? = nil, token: Token = .none
  ) {
    self.server = server
    self.certificateAuthority = certificateAuthority
    self.clientCertificate = clientCertificate
    self.clientKey = clientKey
    self.token = token
  }
}

/// The address of an API server, from a URL such as `https://172.30.0.11:6443`.
package struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
  package let isSecure: Bool
  /// A name, or an address without brackets.
  package let host: String
  package let port: Int
  /// What comes before `/api`, without a slash at its end.
  package let pathPrefix: String
  /// The name that the server's certificate must have; its address where `nil`.
  package var tlsServerName: String?

  /// `nil` where `url` is no `https` or `http` URL.
  package init?(url: String) {
    let rest: Substring
    if url.hasPrefix("https://") {
      isSecure = true
      rest = url.dropFirst(8)
    } else if url.hasPrefix("http://") {
      isSecure = false
      rest = url.dropFirst(7)
    } else {
      return nil
    }
    let authority = rest.prefix { $0 != "/" }
    var prefix = String(rest.dropFirst(authority.count))
    while prefix.hasSuffix("/") { prefix.removeLast() }
    pathPrefix = prefix

    var port = isSecure ? 443 : 80
    var host = authority
    if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]"),
      authority.first == "[" || authority.firstIndex(of: ":") == colon
    {
      guard let number = Int(authority[authority.index(after: colon)...]), (1...65535).contains(number) else {
        return nil
      }
      port = number
      host = authority[..<colon]
    }
    if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
    guard !host.isEmpty, !host.contains(where: { $0 == "@" || $0 == "?" || $0 == "[" || $0.isWhitespace }) else {
      return nil
    }
    self.host = String(host)
    self.port = port
    let isAddress = host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." }
    tlsServerName = isAddress ? nil : self.host
  }

  /// Host and port as the `Host` header has them.
  package var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
  package var description: String { "\(isSecure ? "https" : "http")://\(authority)\(pathPrefix)" }
}
