/// Where an HTTP request goes: enough of a URL to follow what a server redirects to.
struct HTTPTarget: Sendable, Hashable {
  var scheme: String
  /// Without the brackets of an IPv6 address.
  var host: String
  var port: Int
  /// With the query.
  var path: String

  init(scheme: String, host: String, port: Int, path: String) {
    (self.scheme, self.host, self.port) = (scheme, host, port)
    self.path = path.hasPrefix("/") ? path : "/" + path
  }

  var authority: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }
  var url: String { "\(scheme)://\(authority)\(path)" }

  /// What a `Location` header means to whoever asked here (RFC 3986, section 5.2); `nil` where it is no place of HTTP.
  func following(_ location: String) -> HTTPTarget? {
    let text = String(location.prefix { $0 != "#" })
    if let mark = text.firstRange(of: "://"), !text[..<mark.lowerBound].contains("/") {
      return Self.absolute(scheme: text[..<mark.lowerBound].lowercased(), text[mark.upperBound...])
    }
    if text.hasPrefix("//") { return Self.absolute(scheme: scheme, text.dropFirst(2)) }
    var result = self
    let base = path.prefix { $0 != "?" }
    if text.isEmpty { return result }
    if text.hasPrefix("?") {
      result.path = base + text
      return result
    }
    let query = text.firstIndex(of: "?") ?? text.endIndex
    let folder = text.hasPrefix("/") ? "" : String(base[...(base.lastIndex(of: "/") ?? base.startIndex)])
    result.path = Self.withoutDots(folder + text[..<query]) + text[query...]
    return result
  }

  private static func absolute(scheme: String, _ rest: Substring) -> HTTPTarget? {
    guard scheme == "http" || scheme == "https" else { return nil }
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    var authority = rest[..<end]
    if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
    var port = scheme == "https" ? 443 : 80
    let bracket = authority.lastIndex(of: "]") ?? authority.startIndex
    if let colon = authority[bracket...].lastIndex(of: ":") {
      let digits = authority[authority.index(after: colon)...]
      guard digits.isEmpty || Int(digits) != nil else { return nil }
      port = Int(digits) ?? port
      authority = authority[..<colon]
    }
    let host = authority.drop { $0 == "[" }.prefix { $0 != "]" }
    return host.isEmpty ? nil : HTTPTarget(scheme: scheme, host: String(host), port: port, path: String(rest[end...]))
  }

  private static func withoutDots(_ path: String) -> String {
    var parts: [Substring] = []
    let all = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    for (index, part) in all.enumerated() {
      if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(part) }
      if part == ".." || part == ".", index == all.count - 1 { parts.append("") }
    }
    return "/" + parts.joined(separator: "/")
  }
}
