package import KubernetesAPI
package import NetworkTypes

/// Who sends: `pod/NAME[.NAMESPACE]`, `node/NAME` or an address outside.
package enum ExplainSource: Hashable, Sendable, CustomStringConvertible {
  case pod(ObjectName)
  case node(String)
  case address(IPAddress)

  package init(_ text: String, namespace: String) throws(ExplainError) {
    if let name = ObjectName(text, prefix: "pod/", namespace) {
      self = .pod(name)
    } else if text.hasPrefix("node/"), text.count > 5 {
      self = .node(String(text.dropFirst(5)))
    } else if let address = IPAddress(text) {
      self = .address(address)
    } else {
      throw ExplainError("'\(text)' is nobody who sends: write pod/NAME[.NAMESPACE], node/NAME or an address")
    }
  }

  package var description: String {
    switch self {
    case .pod(let name): "pod/\(name.name).\(name.namespace)"
    case .node(let name): "node/\(name)"
    case .address(let address): "\(address)"
    }
  }
}

/// Where to: `svc/NAME[.NAMESPACE]:PORT`, `pod/NAME[.NAMESPACE]:PORT`, or a DNS name or address with a port. A Service's
/// port may be its name.
package struct ExplainTarget: Hashable, Sendable, CustomStringConvertible {
  package enum Place: Hashable, Sendable {
    case service(ObjectName)
    case pod(ObjectName)
    case name(String)
    case address(IPAddress)
  }

  package enum Port: Hashable, Sendable, CustomStringConvertible {
    case number(UInt16)
    case name(String)

    package var description: String {
      switch self {
      case .number(let number): "\(number)"
      case .name(let name): name
      }
    }
  }

  package let place: Place
  package let port: Port
  /// As it was asked for.
  package let description: String

  package init(_ text: String, namespace: String) throws(ExplainError) {
    description = text
    guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]) else {
      throw ExplainError(
        "'\(text)' has no port: write svc/NAME:PORT, pod/NAME:PORT, or a name or an address with :PORT")
    }
    self.port = port
    let host = String(text[..<colon])
    if let name = ObjectName(host, prefix: "svc/", namespace) ?? ObjectName(host, prefix: "service/", namespace) {
      place = .service(name)
    } else if let name = ObjectName(host, prefix: "pod/", namespace) {
      place = .pod(name)
    } else if let address = IPAddress(
      host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host)
    {
      place = .address(address)
    } else if !host.isEmpty, !host.contains(where: { "/:[]".contains($0) }) {
      place = .name(host)
    } else {
      throw ExplainError(
        "'\(text)' is no place to send to: write svc/NAME:PORT, pod/NAME:PORT, a name or an address with :PORT")
    }
  }

  private static func port(_ text: Substring) -> Port? {
    if let number = UInt16(text) { return number == 0 ? nil : .number(number) }
    return text.isEmpty || text.contains("]") ? nil : .name(String(text))
  }
}

extension ObjectName {
  /// `PREFIX NAME[.NAMESPACE]`; names of Services and most pods hold no dot, so the last one ends the name.
  fileprivate init?(_ text: String, prefix: String, _ namespace: String) {
    guard text.hasPrefix(prefix) else { return nil }
    let rest = text.dropFirst(prefix.count)
    guard !rest.isEmpty else { return nil }
    if let dot = rest.lastIndex(of: ".") {
      self.init(namespace: String(rest[rest.index(after: dot)...]), name: String(rest[..<dot]))
    } else {
      self.init(namespace: namespace, name: String(rest))
    }
  }
}
