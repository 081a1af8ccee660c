package import Conntrack
package import JSONTree
package import KubernetesAPI
package import NetworkTypes

/// Records as lines of JSON: `{"kind": "flow", "status", "nodes", "number", "protocol", "from", "to", …}`. What is not known
/// has no member.
extension FlowRecord {
  package var tree: JSON {
    var tree: JSON = [
      "kind": "flow", "status": .string(status.rawValue), "nodes": .array(nodes.map { .string($0) }),
      "number": .int(Int64(clamping: number)), "protocol": .string(transport), "from": source.tree, "to": target.tree,
    ]
    if let requested { tree["requested"] = requested.tree }
    if let service { tree["service"] = service.tree }
    if !possibleServices.isEmpty { tree["possibleServices"] = .array(possibleServices.map(\.tree)) }
    if let maskedSource { tree["seenAs"] = maskedSource.tree }
    if let egress { tree["egress"] = egress.tree }
    if let ingress { tree["ingress"] = ingress.tree }
    if let tcpState { tree["state"] = .string(tcpState) }
    if status == .dropped {
      tree["packets"] = .int(Int64(droppedPackets))
    } else {
      tree["isAnswered"] = .bool(isAnswered)
    }
    if let sent { tree["sent"] = sent.tree }
    if let answered { tree["answered"] = answered.tree }
    if let since { tree["since"] = .string(since.microText) }
    tree["until"] = .string(until.microText)
    return tree
  }

  /// `nil` where the tree is none of a record's, as a line of an agent of another version may be.
  package init?(_ tree: JSON) {
    guard tree["kind"]?.string == "flow", let status = tree["status"]?.string.flatMap(Status.init),
      let transport = tree["protocol"]?.string, let source = tree["from"].flatMap(FlowEnd.init),
      let target = tree["to"].flatMap(FlowEnd.init), let until = tree["until"]?.string.flatMap({ Timestamp($0) })
    else { return nil }
    let names = (tree["nodes"]?.items ?? []).compactMap(\.string)
    guard let first = names.first else { return nil }
    self.init(
      node: first, number: UInt64(clamping: tree["number"]?.int ?? 0), status: status, transport: transport,
      from: source, to: target, until: until)
    nodes = names
    requested = tree["requested"].flatMap(SocketEndpoint.init)
    service = tree["service"].flatMap(FlowService.init)
    possibleServices = (tree["possibleServices"]?.items ?? []).compactMap(FlowService.init)
    maskedSource = tree["seenAs"].flatMap(SocketEndpoint.init)
    egress = tree["egress"].flatMap(FlowJudgement.init)
    ingress = tree["ingress"].flatMap(FlowJudgement.init)
    tcpState = tree["state"]?.string
    isAnswered = tree["isAnswered"]?.bool ?? false
    droppedPackets = Int(tree["packets"]?.int ?? 0)
    sent = tree["sent"].flatMap(ConntrackEntry.Traffic.init)
    answered = tree["answered"].flatMap(ConntrackEntry.Traffic.init)
    since = tree["since"]?.string.flatMap { Timestamp($0) }
  }
}

extension FlowEnd {
  var tree: JSON {
    var tree: JSON = ["address": .string("\(address)")]
    if let port { tree["port"] = .int(Int64(port)) }
    if let pod { tree["pod"] = .string("\(pod)") }
    if let node { tree["node"] = .string(node) }
    return tree
  }

  init?(_ tree: JSON) {
    guard let address = tree["address"]?.string.flatMap({ IPAddress($0) }) else { return nil }
    self.init(
      address, tree["port"]?.int.flatMap(UInt16.init(exactly:)),
      pod: tree["pod"]?.string.flatMap(ObjectName.init(path:)), node: tree["node"]?.string)
  }
}

extension FlowService {
  var tree: JSON { ["name": .string("\(name)"), "port": .int(Int64(port))] }

  init?(_ tree: JSON) {
    guard let name = tree["name"]?.string.flatMap(ObjectName.init(path:)),
      let port = tree["port"]?.int.flatMap(UInt16.init(exactly:))
    else { return nil }
    self.init(name, port: port)
  }
}

extension FlowJudgement {
  var tree: JSON {
    var tree: JSON = ["allowed": .bool(isAllowed), "text": .string(text)]
    if let object { tree["object"] = .string(object) }
    if let field { tree["field"] = .string(field) }
    return tree
  }

  init?(_ tree: JSON) {
    guard let isAllowed = tree["allowed"]?.bool, let text = tree["text"]?.string else { return nil }
    self.init(isAllowed: isAllowed, text: text, object: tree["object"]?.string, field: tree["field"]?.string)
  }
}

extension SocketEndpoint {
  fileprivate var tree: JSON { ["address": .string("\(address)"), "port": .int(Int64(port))] }

  fileprivate init?(_ tree: JSON) {
    guard let address = tree["address"]?.string.flatMap({ IPAddress($0) }),
      let port = tree["port"]?.int.flatMap(UInt16.init(exactly:))
    else { return nil }
    self.init(address, port)
  }
}

extension ConntrackEntry.Traffic {
  fileprivate var tree: JSON { ["packets": .int(Int64(clamping: packets)), "bytes": .int(Int64(clamping: bytes))] }

  fileprivate init?(_ tree: JSON) {
    guard let packets = tree["packets"]?.int, let bytes = tree["bytes"]?.int else { return nil }
    self.init(packets: UInt64(clamping: packets), bytes: UInt64(clamping: bytes))
  }
}

extension ObjectName {
  /// `NAMESPACE/NAME`
  init?(path: String) {
    let parts = path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    self.init(namespace: String(parts[0]), name: String(parts[1]))
  }
}
