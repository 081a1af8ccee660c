package import APIClient
package import JSONTree
package import KubernetesAPI
import Synchronization

/// An API server in memory, for tests: resource versions, conflicts, finalizers, graceful deletion, selectors, pages,
/// watches that resume, 410 after ``compact()``. What it does not know it refuses. It has no admission and no
/// validation beyond names, and its strategic merge patch replaces lists.
package final class FakeAPI: APITransport {
  /// A request as the fake saw it, in the order of arrival.
  package struct Seen: Sendable, CustomStringConvertible {
    package let verb: HTTPVerb
    package let path: String
    package let isWatch: Bool

    package var description: String { "\(isWatch ? "WATCH" : verb.rawValue) \(path)" }
  }

  struct Change: Sendable {
    let revision: Int
    let kind: ResourceKind
    /// `nil` for a creation.
    let old: JSON?
    /// `nil` for a deletion.
    let new: JSON?
  }

  struct Watcher {
    let kind: ResourceKind
    let namespace: String?
    let selection: Selection
    let continuation: AsyncThrowingStream<[UInt8], any Error>.Continuation
  }

  struct State {
    var revision = 1
    var objects: [ResourceKind: [ObjectName: JSON]] = [:]
    var changes: [Change] = []
    var compactedRevision = 0
    var watchers: [Int: Watcher] = [:]
    var nextWatcher = 0
    var isReachable = true
    var seen: [Seen] = []
  }

  package let kinds: [ResourceKind]
  let now: @Sendable () -> Timestamp
  /// Asked before every request; what it throws is the answer.
  package let intercept: (@Sendable (APIRequest) throws -> Void)?
  let state = Mutex(State())

  package init(
    kinds: [ResourceKind] = ResourceKind.served, namespaces: [String] = ["default", "kube-system"],
    now: @escaping @Sendable () -> Timestamp = { .now }, intercept: (@Sendable (APIRequest) throws -> Void)? = nil
  ) {
    self.kinds = kinds
    self.now = now
    self.intercept = intercept
    state.withLock { state in
      for namespace in namespaces {
        state.insert(
          [
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": ["name": .string(namespace), "uid": .string(UID.random())],
            "spec": ["finalizers": ["kubernetes"]], "status": ["phase": "Active"],
          ], kind: .namespaces)
      }
    }
  }

  package var client: APIClient { APIClient(transport: self, name: "test") }
}

// MARK: - What tests do behind the API's back

extension FakeAPI {
  package func object(_ kind: ResourceKind, _ name: ObjectName) -> JSON? {
    state.withLock { $0.objects[kind]?[name] }
  }

  /// All objects of a kind, by name.
  package func objects(_ kind: ResourceKind) -> [JSON] {
    state.withLock { ($0.objects[kind] ?? [:]).sorted { $0.key < $1.key }.map(\.value) }
  }

  /// Stores an object as it is, status included; gives it a UID where it has none.
  @discardableResult
  package func put(_ kind: ResourceKind, _ object: JSON) -> JSON {
    var object = object
    if object.uid.isEmpty { object[path: "metadata", "uid"] = .string(UID.random()) }
    if object.creationTimestamp == nil {
      object[path: "metadata", "creationTimestamp"] = .string(now().description)
    }
    return state.withLock { $0.insert(object, kind: kind) }
  }

  /// Removes an object at once, whatever its finalizers.
  package func remove(_ kind: ResourceKind, _ name: ObjectName) {
    _ = state.withLock { $0.remove(kind, name) }
  }

  /// Forgets the past: watches and lists from earlier revisions are answered with 410.
  package func compact() {
    state.withLock { state in
      state.compactedRevision = state.revision
      state.changes = []
    }
  }

  /// Ends every watch properly, as a server does after `timeoutSeconds`.
  package func endWatches() { dropWatches(error: nil) }

  /// Breaks every watch and refuses requests until ``reconnect()``.
  package func disconnect() {
    state.withLock { $0.isReachable = false }
    dropWatches(error: APIError(.connection, "the fake is disconnected"))
  }

  package func reconnect() { state.withLock { $0.isReachable = true } }

  /// Sends a bookmark of the current revision to every watcher.
  package func sendBookmarks() {
    state.withLock { state in
      for watcher in state.watchers.values {
        watcher.send(
          "BOOKMARK",
          [
            "apiVersion": .string(watcher.kind.apiVersion), "kind": .string(watcher.kind.kind),
            "metadata": ["resourceVersion": .string(String(state.revision))],
          ])
      }
    }
  }

  package var requests: [Seen] { state.withLock(\.seen) }
  /// The requests that change something.
  package var writes: [Seen] { requests.filter { $0.verb != .get } }
  package func forgetRequests() { state.withLock { $0.seen = [] } }

  private func dropWatches(error: (any Error)?) {
    let watchers = state.withLock { state in
      defer { state.watchers = [:] }
      return state.watchers.values
    }
    for watcher in watchers { watcher.continuation.finish(throwing: error) }
  }
}

// MARK: - Storage

extension FakeAPI.State {
  @discardableResult
  mutating func insert(_ object: JSON, kind: ResourceKind) -> JSON {
    revision += 1
    var object = object
    if object["apiVersion"] == nil { object["apiVersion"] = .string(kind.apiVersion) }
    if object["kind"] == nil { object["kind"] = .string(kind.kind) }
    object[path: "metadata", "resourceVersion"] = .string(String(revision))
    let old = objects[kind, default: [:]].updateValue(object, forKey: object.objectName)
    record(FakeAPI.Change(revision: revision, kind: kind, old: old, new: object))
    return object
  }

  @discardableResult
  mutating func remove(_ kind: ResourceKind, _ name: ObjectName) -> JSON? {
    guard var old = objects[kind]?.removeValue(forKey: name) else { return nil }
    revision += 1
    old[path: "metadata", "resourceVersion"] = .string(String(revision))
    record(FakeAPI.Change(revision: revision, kind: kind, old: old, new: nil))
    return old
  }

  private mutating func record(_ change: FakeAPI.Change) {
    changes.append(change)
    for watcher in watchers.values { watcher.tell(change) }
  }
}
