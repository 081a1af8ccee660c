package import JSONTree
package import KubernetesAPI
package import Logging
import NIOConcurrencyHelpers
import NIOCore
package import Store

/// The store with a watch cache before every resource.
package final class Registry: Sendable {
  private let store: any ObjectStore
  private let caches: NIOLockedValueBox<Caches>
  private let committed = CommittedRevision(1)
  private let logger: Logger
  let protobuf = ProtobufCache()

  private struct Caches {
    /// By the beginning of their objects' keys.
    var byPrefix: [String: ResourceCache] = [:]
    /// The same for the kinds that are stored, which is quicker to find.
    var byKind: [ResourceKind: ResourceCache] = [:]

    func cache(of kind: ResourceKind) -> ResourceCache? { byKind[kind] ?? byPrefix[ObjectKey.prefix(of: kind)] }
  }

  package init(store: any ObjectStore, logger: Logger) {
    self.store = store
    self.logger = logger
    caches = NIOLockedValueBox(Caches())
  }

  /// Reads the store and follows it from then on.
  package func start(serving kinds: [ResourceKind]) async throws(StoreError) {
    // Changes that come while the caches are being filled wait behind this lock's owner: nobody writes before this
    // returns, because nothing is served yet.
    let snapshot = try await store.open { [self] changes in apply(changes) }
    committed.advance(to: snapshot.revision)
    var byPrefix: [String: ResourceCache] = [:]
    for kind in kinds {
      let prefix = ObjectKey.prefix(of: kind)
      if byPrefix[prefix] == nil { byPrefix[prefix] = ResourceCache(kind: kind, committed: committed) }
    }
    var objects: [String: ContiguousArray<CachedObject>] = [:]
    for entry in snapshot.entries {
      let prefix = Self.prefix(ofKey: entry.key)
      guard let cache = byPrefix[prefix],
        let object = decode(entry.key, entry.revision, entry.value, cache.kind)
      else { continue }
      objects[prefix, default: []].append(object)
    }
    for (prefix, cache) in byPrefix {
      cache.load(SortedObjects(sorted: objects[prefix] ?? []))
      cache.compact(through: snapshot.compactedRevision)
    }
    try await loadHistory(into: byPrefix, snapshot)
    var byKind: [ResourceKind: ResourceCache] = [:]
    for kind in kinds { byKind[kind] = byPrefix[ObjectKey.prefix(of: kind)] }
    caches.withLockedValue { [byPrefix, byKind] in $0 = Caches(byPrefix: byPrefix, byKind: byKind) }
  }

  /// Fills the caches' rings with the last changes before the start, so that watches can go on where they were.
  private func loadHistory(into caches: [String: ResourceCache], _ snapshot: StoreSnapshot) async throws(StoreError) {
    let start = max(snapshot.compactedRevision, snapshot.revision - 2_000)
    var changes: [String: [CachedChange]] = [:]
    for change in try await store.history(since: start) {
      let prefix = Self.prefix(ofKey: change.key)
      guard let cache = caches[prefix],
        let object = decode(change.key, change.revision, change.value, cache.kind)
      else { continue }
      let previous = change.previous.flatMap { decode(change.key, change.revision, $0, cache.kind) }
      changes[prefix, default: []].append(
        CachedChange(object: object, previous: previous, isDeletion: change.isDeletion))
    }
    for (prefix, cache) in caches { cache.loadHistory(changes[prefix] ?? [], start: start) }
  }

  package func cache(of kind: ResourceKind) throws(APIStatus) -> ResourceCache {
    guard let cache = caches.withLockedValue({ $0.cache(of: kind) }) else { throw .unknownPath }
    return cache
  }

  /// What is wrong with the store; `nil`: it answers.
  func storeFault() async -> String? {
    do {
      _ = try await store.entry(ObjectKey.key(of: .namespaces, ObjectName(name: "default")))
      return nil
    } catch {
      return "\(error)"
    }
  }

  package var allCaches: [ResourceCache] { caches.withLockedValue { Array($0.byPrefix.values) } }

  package func object(_ kind: ResourceKind, _ name: ObjectName) throws(APIStatus) -> CachedObject? {
    try cache(of: kind).object(ObjectKey.key(of: kind, name))
  }

  /// Stores a new object and returns it as stored.
  package func create(_ kind: ResourceKind, _ object: JSON) async throws(APIStatus) -> CachedObject {
    try await write(kind, object.objectName, object, expecting: .absent)
  }

  /// Replaces an object that is at `revision`.
  package func replace(
    _ kind: ResourceKind, _ object: JSON, at revision: Int64
  ) async throws(APIStatus) -> CachedObject {
    try await write(kind, object.objectName, object, expecting: .revision(revision))
  }

  /// Removes an object that is at `revision`; `object` is its last state.
  package func remove(
    _ kind: ResourceKind, _ object: JSON, at revision: Int64
  ) async throws(APIStatus) -> CachedObject {
    try await write(kind, object.objectName, object, expecting: .revision(revision), isDeletion: true)
  }

  private func write(
    _ kind: ResourceKind, _ name: ObjectName, _ object: JSON, expecting expectation: StoreWrite.Expectation,
    isDeletion: Bool = false
  ) async throws(APIStatus) -> CachedObject {
    let key = ObjectKey.key(of: kind, name)
    let change: StoreChange
    do {
      change = try await store.write(
        StoreWrite(
          key: key, expecting: expectation, content: ObjectCodec.content(object), isDeletion: isDeletion,
          note: CachedObject.Facts(object, kind: kind)))
    } catch {
      switch error.code {
      case .exists: throw .alreadyExists(kind, name.name)
      case .notFound: throw .notFound(kind, name.name)
      case .conflict: throw .modified(kind, name.name)
      case .closed: throw .unavailable("the server is shutting down")
      case .compacted, .storage: throw .internalError(error.message)
      }
    }
    // The cache has the object already, or a later one.
    if !isDeletion, let cached = try cache(of: kind).object(key), cached.revision == change.revision { return cached }
    guard let stored = decode(change, kind) else { throw .internalError("the object \(key) cannot be read back") }
    return stored
  }

  private func apply(_ changes: [StoreChange]) {
    let caches = caches.withLockedValue { $0.byPrefix }
    for change in changes {
      guard let cache = caches[Self.prefix(ofKey: change.key)], let object = decode(change, cache.kind) else {
        continue
      }
      cache.apply(object, isDeletion: change.isDeletion)
    }
    if let last = changes.last { committed.advance(to: last.revision) }
  }

  private func decode(_ change: StoreChange, _ kind: ResourceKind) -> CachedObject? {
    guard let facts = change.note as? CachedObject.Facts else {
      return decode(change.key, change.revision, change.value, kind)
    }
    return CachedObject(key: change.key, revision: change.revision, encoded: change.value, facts: facts)
  }

  private func decode(_ key: String, _ revision: Int64, _ value: [UInt8], _ kind: ResourceKind) -> CachedObject? {
    do {
      return try CachedObject(key: key, revision: revision, encoded: value, kind: kind)
    } catch {
      logger.error("a stored object does not parse and is left out", metadata: ["key": "\(key)", "error": "\(error)"])
      return nil
    }
  }

  /// `GROUP/RESOURCE/`.
  private static func prefix(ofKey key: String) -> String {
    var slashes = 0
    for index in key.utf8.indices where key.utf8[index] == UInt8(ascii: "/") {
      slashes += 1
      if slashes == 2 { return String(key[...index]) }
    }
    return key
  }

  /// Forgets the states before `revision`, on disk and in memory.
  package func compact(through revision: Int64) async throws(StoreError) {
    for cache in allCaches { cache.compact(through: revision) }
    try await store.compact(through: revision)
  }

  /// Waits for a revision that a client has heard of and the caches may have yet to take in. Not for long, as upstream: it
  /// may be that of another cluster.
  ///
  /// It asks again and again: a client is ahead by microseconds or in error, which is not worth a list of who waits.
  func awaitRevision(_ revision: Int64) async {
    let limit = ContinuousClock.now + Self.longestWait
    while revision > committed.revision, .now < limit {
      // Cancelled: nobody waits for the answer any more.
      guard (try? await Task.sleep(for: .milliseconds(2))) != nil else { return }
    }
  }

  private static let longestWait = Duration.seconds(3)

  package func close() async {
    for cache in allCaches { cache.endWatches(before: .distantFuture) }
    await store.close()
  }
}
