package import KubernetesAPI
package import NetworkTypes

/// Who or what a flow begins or ends at: `pod/NAME[.NAMESPACE]`, `svc/NAME[.NAMESPACE]`, `node/NAME`, an address or a block,
/// each with `:PORT` behind it where a port is meant.
package struct FlowPlace: Hashable, Sendable {
  package enum Party: Hashable, Sendable {
    case pod(ObjectName)
    case service(ObjectName)
    case node(String)
    case block(CIDR)
  }

  package let party: Party
  package let port: UInt16?

  /// Throws ``FlowQuestionError`` with what would have been right.
  package init(_ text: String, namespace: String) throws(FlowQuestionError) {
    var host = text[...]
    var port: UInt16?
    let colons = text.count { $0 == ":" }
    // An address of IPv6 has a port only behind brackets.
    if let colon = text.lastIndex(of: ":"), colons == 1 || text[..<colon].hasSuffix("]") {
      guard let number = UInt16(text[text.index(after: colon)...]), number != 0 else {
        throw FlowQuestionError("'\(text)' has no port behind its last colon: write a number from 1 to 65535")
      }
      port = number
      host = text[..<colon]
    }
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    self.port = port
    for (prefix, make) in [
      ("pod/", Party.pod), ("svc/", Party.service), ("service/", Party.service),
    ] as [(String, (ObjectName) -> Party)] {
      guard host.hasPrefix(prefix), let name = Self.name(host.dropFirst(prefix.count), namespace) else { continue }
      party = make(name)
      return
    }
    if host.hasPrefix("node/"), host.count > 5 {
      party = .node(String(host.dropFirst(5)))
    } else if let address = IPAddress(host) {
      party = .block(CIDR(host: address))
    } else if let block = CIDR(host) {
      party = .block(block)
    } else {
      throw FlowQuestionError(
        "'\(text)' is no end of a flow: write pod/NAME[.NAMESPACE], svc/NAME[.NAMESPACE], node/NAME, an address or a "
          + "block, each with :PORT where a port is meant")
    }
  }

  /// Names of Services and most pods hold no dot, so the last one ends the name.
  private static func name(_ text: Substring, _ namespace: String) -> ObjectName? {
    guard let dot = text.lastIndex(of: ".") else {
      return text.isEmpty ? nil : ObjectName(namespace: namespace, name: String(text))
    }
    let (name, place) = (text[..<dot], text[text.index(after: dot)...])
    return name.isEmpty || place.isEmpty ? nil : ObjectName(namespace: String(place), name: String(name))
  }
}

/// A question that makes no sense, with what to do about it.
package struct FlowQuestionError: Error, Hashable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// Which flows are asked for.
package struct FlowFilter: Hashable, Sendable {
  package var source: FlowPlace?
  package var target: FlowPlace?
  /// Only what policies dropped.
  package var onlyDropped = false

  package init() {}

  /// Of the query of a request: `from`, `to`, `dropped` and `namespace`, which names without one are in.
  package init(query: [String: String]) throws(FlowQuestionError) {
    let namespace = query["namespace"] ?? "default"
    if let text = query["from"] { source = try FlowPlace(text, namespace: namespace) }
    if case .service = source?.party { throw FlowQuestionError("nothing is sent from a Service: say which pod") }
    if let text = query["to"] { target = try FlowPlace(text, namespace: namespace) }
    onlyDropped = query["dropped"] == "true"
  }

  package func takes(_ record: FlowRecord) -> Bool {
    (!onlyDropped || record.status == .dropped) && isFrom(record) && isTo(record)
  }

  func isFrom(_ record: FlowRecord) -> Bool {
    guard let source else { return true }
    guard source.port == nil || source.port == record.source.port else { return false }
    return source.party.takes(record.source, [])
  }

  func isTo(_ record: FlowRecord) -> Bool {
    guard let target else { return true }
    let services = [record.service].compactMap { $0 } + record.possibleServices
    if let port = target.port {
      let ports = [record.target.port, record.requested?.port].compactMap { $0 } + services.map(\.port)
      guard ports.contains(port) else { return false }
    }
    if target.party.takes(record.target, services) { return true }
    guard case .block(let block) = target.party, let requested = record.requested else { return false }
    return block.contains(requested.address)
  }
}

extension FlowPlace.Party {
  fileprivate func takes(_ end: FlowEnd, _ services: [FlowService]) -> Bool {
    switch self {
    case .pod(let name): end.pod == name
    case .service(let name): services.contains { $0.name == name }
    case .node(let name): end.pod == nil && end.node == name
    case .block(let block): block.contains(end.address)
    }
  }
}
