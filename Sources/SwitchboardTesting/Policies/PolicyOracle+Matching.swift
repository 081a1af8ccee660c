import JSONTree
import KubernetesAPI
import NetworkTypes

extension PolicyOracle {
  // MARK: Peers

  /// Whether an entry of `from` or `to` means this end.
  func matches(peer: JSON, of policy: JSON, _ end: End) -> Bool {
    if let block = peer["ipBlock"] { return matches(block: block, end.address) }
    guard let pod = end.pod else { return false }
    if let selector = peer["namespaceSelector"] {
      guard matches(selector: selector, labels: namespaceLabels(pod.namespace)) else { return false }
    } else {
      // A selector of pods alone looks at the policy's own namespace.
      guard pod.namespace == policy.namespace else { return false }
    }
    return matches(selector: peer["podSelector"] ?? [:], labels: pod.labels)
  }

  private func namespaceLabels(_ name: String) -> [String: String] {
    namespaces.first { $0.name == name }?.labels ?? [:]
  }

  private func matches(block: JSON, _ address: IPAddress) -> Bool {
    guard lies(address, in: block["cidr"]?.string ?? "") else { return false }
    return !(block["except"]?.items ?? []).contains { lies(address, in: $0.string ?? "") }
  }

  /// Compares bit by bit, as many as the block's length says.
  private func lies(_ address: IPAddress, in block: String) -> Bool {
    let parts = block.split(separator: "/")
    guard parts.count == 2, let base = IPAddress(parts[0]), let length = Int(parts[1]),
      base.family == address.family
    else { return false }
    func bit(_ address: IPAddress, _ index: Int) -> UInt8 { address.bytes[index / 8] >> UInt8(7 - index % 8) & 1 }
    return (0..<length).allSatisfy { bit(base, $0) == bit(address, $0) }
  }

  // MARK: Ports

  /// Whether an entry of `ports` means where the packet goes.
  func matches(port entry: JSON, _ target: Target) -> Bool {
    guard entry["protocol"]?.string ?? "TCP" == target.transport.rawValue else { return false }
    let port = Int64(target.port)
    switch entry["port"] {
    case nil: return true
    case .string(let name)?: return named(name, target).contains(port)
    case let number?:
      guard let first = number.int else { return false }
      return first <= port && port <= entry["endPort"]?.int ?? first
    }
  }

  /// What the destination's containers call so, of those that run for as long as the pod does.
  private func named(_ name: String, _ target: Target) -> [Int64] {
    guard let spec = target.end.pod?.spec else { return [] }
    let sidecars = (spec["initContainers"]?.items ?? []).filter { $0["restartPolicy"]?.string == "Always" }
    return (sidecars + (spec["containers"]?.items ?? [])).flatMap { $0["ports"]?.items ?? [] }
      .filter { $0["name"]?.string == name && $0["protocol"]?.string ?? "TCP" == target.transport.rawValue }
      .compactMap { $0["containerPort"]?.int }
  }

  // MARK: Labels

  /// Whether a label selector matches: all of `matchLabels` and all of `matchExpressions`. An empty one matches everything.
  func matches(selector: JSON, labels: [String: String]) -> Bool {
    let wanted = selector["matchLabels"]?.object?.strings ?? [:]
    return wanted.allSatisfy { labels[$0.key] == $0.value }
      && (selector["matchExpressions"]?.items ?? []).allSatisfy { matches(expression: $0, labels: labels) }
  }

  private func matches(expression: JSON, labels: [String: String]) -> Bool {
    let value = labels[expression["key"]?.string ?? ""]
    let values = (expression["values"]?.items ?? []).compactMap(\.string)
    switch expression["operator"]?.string {
    case "In": return value != nil && values.contains(value!)
    case "NotIn": return value == nil || !values.contains(value!)
    case "Exists": return value != nil
    case "DoesNotExist": return value == nil
    default: preconditionFailure("no operator of label selectors: \(expression)")
    }
  }
}
