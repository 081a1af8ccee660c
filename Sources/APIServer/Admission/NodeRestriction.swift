import JSONTree
import KubernetesAPI

/// Keeps nodes from making objects in other nodes' names: those are in the body, which no authorizer sees.
enum NodeRestriction {
  private static let userPrefix = "system:node:"
  private static let group = "system:nodes"
  private static let reservedLabels = "node-restriction.kubernetes.io/"

  static func check(_ object: JSON, replacing old: JSON?, for request: ResourceRequest) throws(APIStatus) {
    let user = request.user
    guard user.name.hasPrefix(userPrefix), user.groups.contains(group) else { return }
    let node = String(user.name.dropFirst(userPrefix.count))
    if old == nil, object.name != node, let why = refusal(request.kind, object, node: node) {
      throw .forbidden(request.kind, object.name, why)
    }
    guard request.kind == .nodes else { return }
    let changed = Set(object.labels.keys).union((old?.labels ?? [:]).keys).filter { key in
      key.hasPrefix(reservedLabels) && object.labels[key] != old?.labels[key]
    }
    guard !changed.isEmpty else { return }
    let verb = old == nil ? "set" : "modify"
    throw .forbidden(
      .nodes, object.name,
      "node \(node.goQuoted) is not allowed to \(verb) labels: \(changed.sorted().joined(separator: ", "))")
  }

  private static func refusal(_ kind: ResourceKind, _ object: JSON, node: String) -> String? {
    switch kind {
    case .nodes: "node \(node.goQuoted) is not allowed to modify node \(object.name.goQuoted)"
    case .leases: "can only access node lease with the same name as the requesting node"
    case .csiNodes: "can only access CSINode with the same name as the requesting node"
    default: nil
    }
  }
}
