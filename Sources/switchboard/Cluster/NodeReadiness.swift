import APIClient
import JSONTree
import KubernetesAPI
import Lab

/// Waits, by watching the API, until a cluster's nodes are ready.
struct NodeReadiness: Sendable {
  let kubeconfig: String
  let count: Int
  let limit: Duration

  /// Throws where they are not ready in time. `report` is told how many are, whenever that changes.
  func wait(report: @escaping @Sendable (Int) -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await follow(report) }
      group.addTask {
        try await Task.sleep(for: limit)
        throw LabError(.notReady, "the nodes were not ready within \(limit)")
      }
      try await group.next()
      group.cancelAll()
    }
  }

  private func follow(_ report: @Sendable (Int) -> Void) async throws {
    let client = try APIOptions.client(kubeconfig)
    var backoff = Backoff(initial: .milliseconds(5), maximum: .milliseconds(100))
    while true {
      do {
        return try await followOnce(client, report)
      } catch let error as APIError where !error.isUnauthorized && error.code != .configuration {
        // Not answering yet, or the watch ended.
        try await Task.sleep(for: backoff.next())
      }
    }
  }

  /// One list and one watch; returns once all are ready, throws where the watch ends before.
  private func followOnce(_ client: APIClient, _ report: (Int) -> Void) async throws {
    let list = try await client.list(.nodes)
    var ready = Set(list.items.filter(\.isReadyNode).map(\.name))
    report(ready.count)
    guard ready.count < count else { return }
    var options = ListOptions()
    options.resourceVersion = list.resourceVersion
    for try await event in try await client.watch(.nodes, options: options) {
      let before = ready.count
      switch event {
      case .added(let node), .modified(let node):
        if node.isReadyNode { ready.insert(node.name) } else { ready.remove(node.name) }
      case .deleted(let node): ready.remove(node.name)
      case .bookmark: break
      }
      if ready.count != before { report(ready.count) }
      if ready.count >= count { return }
    }
    throw APIError(.connection, "the watch ended")
  }
}

extension JSON {
  /// Whether the node's Ready condition is true.
  var isReadyNode: Bool {
    status["conditions"]?.items.contains { $0["type"]?.string == "Ready" && $0["status"]?.string == "True" } ?? false
  }
}
