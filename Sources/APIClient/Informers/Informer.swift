package import JSONTree
package import KubernetesAPI
package import Logging
import ServiceLifecycle
import Synchronization

/// What happened to an object, as an informer tells it.
package enum InformerEvent: Sendable {
  case added(JSON)
  case updated(old: JSON, new: JSON)
  /// With the object as it was last known, as far as it was kept.
  case deleted(JSON)
  /// Everything that existed when the informer started has been told.
  case synced

  /// The object as it is now, or as it was before it went; `nil` for ``synced``.
  package var object: JSON? {
    switch self {
    case .added(let object), .deleted(let object): object
    case .updated(_, let new): new
    case .synced: nil
    }
  }
}

/// What an informer follows, and how.
package struct InformerConfiguration: Sendable {
  /// Of all namespaces where `nil`.
  package var namespace: String?
  package var labelSelector: String?
  package var fieldSelector: String?
  package var retention = ObjectRetention.trees
  /// Applied to each object before it is kept; drop here what nobody reads. Who owns which field is dropped where nothing
  /// else is said: it is half of many an object, and a write without it leaves it as it is.
  package var transform: (@Sendable (JSON) -> JSON)? = { object in
    var object = object
    object[path: "metadata", "managedFields"] = nil
    return object
  }
  package var backoff = Backoff()
  /// Objects per page of a list.
  package var pageSize = 500
  /// After this long, and up to twice this, the server ends a watch and the informer begins the next.
  package var watchDuration = Duration.seconds(300)
  package var clock: any Clock<Duration> = ContinuousClock()

  package init(
    namespace: String? = nil, labelSelector: String? = nil, fieldSelector: String? = nil,
    retention: ObjectRetention = .trees
  ) {
    self.namespace = namespace
    self.labelSelector = labelSelector
    self.fieldSelector = fieldSelector
    self.retention = retention
  }
}

/// Keeps a copy of the objects of one kind up to date: lists once, then watches, and lists again only where the server
/// has forgotten the version to resume from. Readers get snapshots; subscribers get every change once, in order.
package final class Informer: Service {
  package let kind: ResourceKind
  package let configuration: InformerConfiguration
  private let client: APIClient
  private let logger: Logger
  private let state: Mutex<State>
  private let syncGate = Gate()

  private struct State {
    var store: ObjectStore
    var subscribers: [Int: AsyncStream<InformerEvent>.Continuation] = [:]
    var nextSubscriber = 0
    var isSynced = false
    var resourceVersion = ""

    /// Those who have gone are found here and not by `onTermination`: that runs while its task is being cancelled, and
    /// would wait for the lock that is held here, while a yield here waits for the task.
    mutating func tell(_ event: InformerEvent) {
      for (identifier, subscriber) in subscribers {
        if case .terminated = subscriber.yield(event) { subscribers[identifier] = nil }
      }
    }
  }

  package init(
    client: APIClient, kind: ResourceKind, configuration: InformerConfiguration = InformerConfiguration(),
    logger: Logger
  ) {
    self.client = client
    self.kind = kind
    self.configuration = configuration
    var logger = logger
    logger[metadataKey: "resource"] = .string(kind.qualifiedResource)
    self.logger = logger
    state = Mutex(State(store: ObjectStore(retention: configuration.retention)))
  }
}

// MARK: - Readers

extension Informer {
  package func get(_ name: ObjectName) -> JSON? { state.withLock { $0.store[name] } }
  package func get(namespace: String = "", name: String) -> JSON? {
    get(ObjectName(namespace: namespace, name: name))
  }
  /// All objects, in no order.
  package func list() -> [JSON] { state.withLock { $0.store.objects } }
  package var names: [ObjectName] { state.withLock { $0.store.names } }
  package var count: Int { state.withLock { $0.store.count } }

  /// Keeps the objects findable by the keys that `keys` gives for each. The same name twice keeps the first.
  package func addIndex(_ name: String, keys: @escaping @Sendable (JSON) -> [String]) {
    state.withLock { $0.store.addIndex(name, keys: keys) }
  }
  /// The objects with `key` in the index `index`, in no order.
  package func list(index: String, key: String) -> [JSON] {
    state.withLock { $0.store.objects(index: index, key: key) }
  }
  package func contains(index: String, key: String) -> Bool {
    state.withLock { $0.store.contains(index: index, key: key) }
  }

  /// Whether the first list has been taken in.
  package var hasSynced: Bool { syncGate.isOpen }
  /// Returns once ``hasSynced``; throws `CancellationError` where the task is cancelled before.
  package func waitForSync() async throws { try await syncGate.wait() }
  /// The version up to which the copy is current; empty before the first list.
  package var resourceVersion: String { state.withLock { $0.resourceVersion } }

  /// Every change from now on, after an ``InformerEvent/added(_:)`` for each object that is there. Nothing is dropped:
  /// what a subscriber has not read yet waits in memory. Ends when the reading task does.
  package func subscribe() -> AsyncStream<InformerEvent> {
    let (stream, continuation) = AsyncStream.makeStream(of: InformerEvent.self)
    state.withLock { state in
      precondition(
        configuration.retention != .references || state.store.count == 0,
        "what came before is not kept: subscribe before the informer runs")
      state.nextSubscriber += 1
      for object in state.store.objects { continuation.yield(.added(object)) }
      if state.isSynced { continuation.yield(.synced) }
      state.subscribers[state.nextSubscriber] = continuation
    }
    return stream
  }
}

// MARK: - Following the server

extension Informer {
  /// Follows the server until the task is cancelled or shutdown begins.
  package func run() async {
    await cancelWhenGracefulShutdown { await self.follow() }
    let subscribers = state.withLock { state in
      defer { state.subscribers = [:] }
      return state.subscribers.values
    }
    for subscriber in subscribers { subscriber.finish() }
  }

  private func follow() async {
    var backoff = configuration.backoff
    var needsList = true
    while !Task.isCancelled {
      do {
        if needsList {
          try await relist()
          needsList = false
        }
        let events = try await startWatch()
        try await take(events, resetting: &backoff)
      } catch is CancellationError {
        return
      } catch {
        if Self.mustListAgain(error) { needsList = true }
        logger.debug("lost touch with the API server, trying again", metadata: ["error": "\(error)"])
      }
      try? await configuration.clock.sleep(for: backoff.next())
    }
  }

  /// An answer of failure to a watch means that its resource version cannot be resumed, unless it is about the caller
  /// or the server's load.
  private static func mustListAgain(_ error: any Error) -> Bool {
    guard let error = error as? APIError, error.code == .status else { return false }
    return ![401, 403, 429, 500, 503].contains(error.httpStatus)
  }

  private var selection: ListOptions {
    ListOptions(labelSelector: configuration.labelSelector, fieldSelector: configuration.fieldSelector)
  }

  private func relist() async throws {
    var options = selection
    options.limit = configuration.pageSize
    var seen: Set<ObjectName> = []
    var resourceVersion = ""
    repeat {
      let page = try await client.list(kind, namespace: configuration.namespace, options: options)
      if resourceVersion.isEmpty { resourceVersion = page.resourceVersion }
      options.continueToken = page.continueToken
      state.withLock { state in
        for item in page.items {
          seen.insert(item.objectName)
          upsert(item, in: &state)
        }
      }
    } while options.continueToken != nil
    state.withLock { state in
      for name in state.store.names where !seen.contains(name) {
        if let old = state.store[name] { remove(old, in: &state) }
      }
      state.resourceVersion = resourceVersion
      if !state.isSynced {
        state.isSynced = true
        state.tell(.synced)
      }
    }
    syncGate.open()
  }

  private func startWatch() async throws -> WatchEvents {
    var options = selection
    options.resourceVersion = resourceVersion
    let duration = configuration.watchDuration * Double.random(in: 1...2)
    return try await client.watch(kind, namespace: configuration.namespace, options: options, duration: duration)
  }

  /// Returns when the server ends the watch. A watch that says nothing keeps the backoff growing: without that, one
  /// that ends at once would make a busy loop.
  private func take(_ events: WatchEvents, resetting backoff: inout Backoff) async throws {
    for try await event in events {
      backoff.reset()
      state.withLock { state in
        switch event {
        case .added(let object), .modified(let object): upsert(object, in: &state)
        case .deleted(let object):
          if let old = state.store[object.objectName] { remove(old, lastKnown: object, in: &state) }
        case .bookmark: break
        }
        state.resourceVersion = event.resourceVersion
      }
    }
  }

  private func upsert(_ object: JSON, in state: inout State) {
    let object = configuration.transform?(object) ?? object
    guard let old = state.store[object.objectName] else {
      state.store.insert(object, replacing: nil)
      state.tell(.added(object))
      return
    }
    if old.uid != object.uid {
      remove(old, in: &state)
      upsert(object, in: &state)
    } else if old.resourceVersion != object.resourceVersion {
      state.store.insert(object, replacing: old)
      state.tell(.updated(old: old, new: object))
    }
  }

  private func remove(_ old: JSON, lastKnown: JSON? = nil, in state: inout State) {
    state.store.remove(old)
    state.tell(.deleted(lastKnown.map { configuration.transform?($0) ?? $0 } ?? old))
  }
}
