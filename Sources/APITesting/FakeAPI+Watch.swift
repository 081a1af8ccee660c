package import APIClient
import JSONTree
import KubernetesAPI
import Synchronization

extension FakeAPI.Watcher {
  func send(_ type: String, _ object: JSON) {
    let event: JSON = ["type": .string(type), "object": object]
    continuation.yield(event.encoded() + [UInt8(ascii: "\n")])
  }

  /// Sends the change as it looks through the watch's selectors.
  func tell(_ change: FakeAPI.Change) {
    guard change.kind == kind else { return }
    let isOurs = { (object: JSON?) in
      object.map { (namespace == nil || $0.namespace == namespace) && selection.matches($0) } ?? false
    }
    switch (isOurs(change.old), isOurs(change.new)) {
    case (false, true): send("ADDED", change.new ?? .null)
    case (true, true): send("MODIFIED", change.new ?? .null)
    case (true, false):
      var last = change.old ?? .null
      last[path: "metadata", "resourceVersion"] = .string(String(change.revision))
      send("DELETED", last)
    case (false, false): break
    }
  }
}

extension FakeAPI {
  package func stream(_ request: APIRequest) async throws -> APIStream {
    let (body, continuation) = AsyncThrowingStream.makeStream(of: [UInt8].self)
    do {
      try admit(request)
      let target = try Target(request.path, kinds: kinds)
      let query = request.query
      guard request.verb == .get, target.name == nil, query.contains(NamedValue("watch", "true")) else {
        throw FakeFailure(405, "MethodNotAllowed", "only watches can be streamed from the fake")
      }
      let version = query.first { $0.name == "resourceVersion" }?.value ?? ""
      let selection = try Selection(query)
      // A watcher whose reader has gone stays and is told in vain: taking it out when its task is cancelled would wait for
      // this lock, while a yield under it waits for the task.
      try state.withLock { state in
        // It may have been disconnected since the request was let in: nobody would drop this watch any more.
        guard state.isReachable else { throw APIError(.connection, "the fake is disconnected") }
        let watcher = Watcher(
          kind: target.kind, namespace: target.namespace, selection: selection, continuation: continuation)
        if let start = Int(version), start > 0 {
          guard start >= state.compactedRevision, start <= state.revision else {
            throw FakeFailure(410, "Expired", "too old resource version: \(start) (\(state.compactedRevision))")
          }
          for change in state.changes where change.revision > start { watcher.tell(change) }
        } else {
          for object in state.objects[target.kind, default: [:]].values {
            watcher.tell(Change(revision: state.revision, kind: target.kind, old: nil, new: object))
          }
        }
        state.nextWatcher += 1
        state.watchers[state.nextWatcher] = watcher
      }
      return APIStream(status: 200, body: body)
    } catch let failure as FakeFailure {
      continuation.yield(failure.status.encoded())
      continuation.finish()
      return APIStream(status: failure.code, body: body)
    }
  }
}
