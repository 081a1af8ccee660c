import APIClient
import JSONTree
import KubernetesAPI
import Logging

/// Writes pods' statuses to the API: at once, the newest only, one write per pod at a time, again after a failure.
actor StatusWriter {
  private struct Pending {
    var pod: JSON
    var status: JSON
  }

  private var pending: [String: Pending] = [:]
  private var writers: [String: Task<Void, Never>] = [:]
  private let client: APIClient
  private let clock: any Clock<Duration>
  private let logger: Logger

  init(client: APIClient, clock: any Clock<Duration>, logger: Logger) {
    self.client = client
    self.clock = clock
    self.logger = logger
  }

  func submit(_ pod: JSON, _ status: JSON) {
    pending[pod.uid] = Pending(pod: pod, status: status)
    guard writers[pod.uid] == nil else { return }
    let uid = pod.uid
    // Joined by flush(_:), and ends by itself when there is nothing left to write.
    writers[uid] = Task { await drain(uid) }
  }

  /// Returns once everything submitted for the pod so far is written, or the pod is gone.
  func flush(_ uid: String) async {
    while let writer = writers[uid] { await writer.value }
  }

  /// Gives up what could not be written: a server that does not answer must not hold the agent's end back.
  func shutDown() {
    for writer in writers.values { writer.cancel() }
  }

  private func drain(_ uid: String) async {
    var delay = Duration.milliseconds(100)
    while let next = pending.removeValue(forKey: uid) {
      do {
        try await write(next)
        delay = .milliseconds(100)
      } catch {
        if error.isNotFound || error.isConflict { break }
        logger.warning(
          "A pod's status could not be written; trying again.",
          metadata: ["pod": "\(next.pod.objectName)", "error": "\(error)"])
        if pending[uid] == nil { pending[uid] = next }
        guard (try? await clock.sleep(for: delay)) != nil else { break }
        delay = min(delay * 2, .seconds(5))
      }
    }
    writers[uid] = nil
  }

  private func write(_ next: Pending) async throws {
    var status = next.status
    // A list that merges by key would keep the addresses of a sandbox that is gone.
    for list in ["podIPs", "hostIPs"] {
      if let items = status[list]?.array { status[list] = .array([["$patch": "replace"]] + items) }
    }
    // Conditions are merged: what one had and has no longer must be taken away by name.
    let conditions = (status["conditions"]?.items ?? []).map { condition in
      var condition = condition
      for key in ["reason", "message"] where condition[key] == nil { condition[key] = .null }
      return condition
    }
    let gone = PodStatusBuilder.passingConditions.filter { type in !conditions.contains { $0["type"]?.string == type } }
    status["conditions"] = .array(conditions + gone.map { ["$patch": "delete", "type": .string($0)] })
    let patch: JSON = ["metadata": ["uid": .string(next.pod.uid)], "status": status]
    _ = try await client.patch(
      .pods, namespace: next.pod.namespace, name: next.pod.name, type: .strategic, patch, subresource: "status")
  }
}
