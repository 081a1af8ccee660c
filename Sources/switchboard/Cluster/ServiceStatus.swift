import JSONTree
import KubernetesAPI

/// What `switchboard status service` shows: what each node has in force for one Service.
struct ServiceStatus: Sendable {
  let name: ObjectName
  /// By node: what it answered, or `error`.
  let answers: [String: JSON]

  var tree: JSON {
    [
      "namespace": .string(name.namespace), "name": .string(name.name),
      "nodes": .array(
        answers.sorted { $0.key < $1.key }.map { node, answer in
          var tree = answer
          tree["node"] = .string(node)
          return tree
        }),
    ]
  }

  var text: String {
    var rows = [["NODE", "ADDRESS", "LEADS TO"]]
    for (node, answer) in answers.sorted(by: { $0.key < $1.key }) {
      if let error = answer["error"]?.string {
        rows.append([node, "-", "not known: \(error)"])
        continue
      }
      let addresses = answer["addresses"]?.items ?? []
      if addresses.isEmpty { rows.append([node, "-", "nothing: the Service has no address that nodes answer for"]) }
      for address in addresses {
        let text = "\(Self.host(address)):\(address["port"]?.int ?? 0)/\(address["protocol"]?.string ?? "")"
        rows.append([node, text, Self.words(address)])
        if let inside = address["fromThisNode"] {
          rows.append([node, "  from the node and its pods", Self.words(inside)])
        }
      }
    }
    return ClusterSummary.table(rows)
  }

  private static func host(_ address: JSON) -> String {
    let text = address["address"]?.string ?? ""
    return text.contains(":") ? "[\(text)]" : text
  }

  private static func words(_ action: JSON) -> String {
    switch action["action"]?.string {
    case "balance":
      let endpoints = (action["endpoints"]?.items ?? []).compactMap(\.string).joined(separator: " ")
      let affinity = action["affinitySeconds"]?.int.map { " (clients stay for \($0) s)" } ?? ""
      return endpoints + affinity
    case "refuse": return "nothing: refused, there is no endpoint"
    case "drop": return "nothing: dropped, this node has no endpoint and the Service keeps traffic on the node"
    default: return "nothing: the node does not have it in force yet"
    }
  }
}
