import JSONTree
import KubernetesAPI
import Lab

/// What `switchboard status` shows.
struct ClusterSummary: Sendable {
  let state: ClusterState
  let nodes: [JSON]
  let pods: [JSON]
  let services: [JSON]

  var tree: JSON {
    let nodes = state.nodes.map { node -> JSON in
      let object = self.nodes.first { $0.name == node.name }
      return [
        "name": .string(node.name), "address": .string(node.address), "ready": .bool(object?.isReadyNode ?? false),
        "running": .bool(node.supervisor.isRunning), "pods": .int(Int64(pods(on: node.name).count)),
        "logs": .string(node.logFolder),
      ]
    }
    let phases = Dictionary(grouping: pods) { $0.status["phase"]?.string ?? "Unknown" }.mapValues(\.count)
    return [
      "name": .string(state.name), "kubeconfig": .string(state.kubeconfig), "nodes": .array(nodes),
      "pods": .object(
        JSONObject(
          members: phases.sorted { $0.key < $1.key }.map {
            JSONObject.Member(key: $0.key, value: .int(Int64($0.value)))
          })),
      "services": .array(
        services.map { service in
          [
            "namespace": .string(service.namespace), "name": .string(service.name),
            "clusterIP": service.spec["clusterIP"] ?? .null,
            "ports": .array((service.spec["ports"]?.items ?? []).compactMap { $0["port"] }),
          ]
        }),
    ]
  }

  var text: String {
    var rows = [["NODE", "ADDRESS", "READY", "PODS"]]
    for node in state.nodes {
      let isReady = nodes.first { $0.name == node.name }?.isReadyNode ?? false
      let word = node.supervisor.isRunning ? (isReady ? "yes" : "no") : "gone"
      rows.append([node.name, node.address, word, "\(pods(on: node.name).count)"])
    }
    var text = Self.table(rows)
    let running = pods.count { $0.status["phase"]?.string == "Running" }
    text += "\n\(pods.count) pods, \(running) running\n\n"
    rows = [["SERVICE", "CLUSTER-IP", "PORTS"]]
    for service in services {
      let ports = (service.spec["ports"]?.items ?? []).map {
        "\($0["port"]?.int ?? 0)/\($0["protocol"]?.string ?? "TCP")"
      }
      rows.append(["\(service.objectName)", service.spec["clusterIP"]?.string ?? "", ports.joined(separator: ",")])
    }
    return text + Self.table(rows) + "\nKUBECONFIG=\(state.kubeconfig)\n"
  }

  private func pods(on node: String) -> [JSON] { pods.filter { $0.spec["nodeName"]?.string == node } }

  /// Columns as wide as their longest cell, three blanks apart.
  static func table(_ rows: [[String]]) -> String {
    let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (index, cell) in row.enumerated() {
        line += index == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[index] - cell.count + 3)
      }
      return line + "\n"
    }.joined()
  }
}
