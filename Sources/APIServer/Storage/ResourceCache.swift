package import KubernetesAPI
import NIOConcurrencyHelpers
import NIOCore

/// The watch cache of one resource: every object's text in key order, the last changes, and who watches.
///
/// Reads come from here and never touch the disk. Writes reach it through the store, before they are answered.
package final class ResourceCache: Sendable {
  private struct State {
    /// In key order. Lists take a reference to it and walk it outside the lock.
    var objects: ContiguousArray<CachedObject> = []
    var ring: ChangeRing
    var watchers: [ObjectIdentifier: Watcher] = [:]
    /// Of the newest change the store committed, to whichever resource.
    var revision: Int64
    /// Of the newest change of this resource.
    var lastChange: Int64
    var pages = PageSnapshots()
    var observers: [@Sendable (CachedChange) -> Void] = []
  }

  /// A consistent view of the resource.
  package struct View: Sendable {
    package let objects: ContiguousArray<CachedObject>
    package let revision: Int64
  }

  package let kind: ResourceKind
  private let state: NIOLockedValueBox<State>

  package init(kind: ResourceKind, revision: Int64) {
    self.kind = kind
    state = NIOLockedValueBox(State(ring: ChangeRing(start: revision), revision: revision, lastChange: revision))
  }

  /// Takes the objects found in the store at start, in key order.
  func load(_ objects: ContiguousArray<CachedObject>) { state.withLockedValue { $0.objects = objects } }

  /// Takes changes from before the start, so that watches survive a restart of the server. Oldest first.
  func loadHistory(_ changes: [CachedChange], start: Int64) {
    state.withLockedValue { state in
      state.ring = ChangeRing(start: start)
      for change in changes { state.ring.append(change) }
    }
  }

  package func object(_ key: String) -> CachedObject? {
    state.withLockedValue { state in
      let index = Self.position(of: key, in: state.objects)
      return index < state.objects.count && state.objects[index].key == key ? state.objects[index] : nil
    }
  }

  package var view: View {
    state.withLockedValue { View(objects: $0.objects, revision: $0.revision) }
  }

  /// The state at a revision, for the pages of a list; kept for some time after its first page.
  func view(at revision: Int64) -> View? {
    state.withLockedValue { state in
      if revision == state.revision { return View(objects: state.objects, revision: revision) }
      return state.pages[revision].map { View(objects: $0, revision: revision) }
    }
  }

  func keep(_ view: View) { state.withLockedValue { $0.pages.keep(view.objects, revision: view.revision) } }

  /// The revision of the newest change of this resource: what is derived from it is still right while this stays.
  package var lastChange: Int64 { state.withLockedValue { $0.lastChange } }

  package var count: Int { state.withLockedValue { $0.objects.count } }
  package var watcherCount: Int { state.withLockedValue { $0.watchers.count } }

  /// Takes a committed change: newer than all before.
  func apply(_ object: CachedObject, isDeletion: Bool) {
    let takers = state.withLockedValue { state -> [Watcher.Taker] in
      let index = Self.position(of: object.key, in: state.objects)
      let exists = index < state.objects.count && state.objects[index].key == object.key
      let previous = exists ? state.objects[index] : nil
      switch (exists, isDeletion) {
      case (true, true): state.objects.remove(at: index)
      case (true, false): state.objects[index] = object
      case (false, false): state.objects.insert(object, at: index)
      case (false, true): return []
      }
      let change = CachedChange(object: object, previous: previous, isDeletion: isDeletion)
      state.ring.append(change)
      for observer in state.observers { observer(change) }
      state.revision = object.revision
      state.lastChange = object.revision
      return state.watchers.values.compactMap { $0.send(change) }
    }
    for taker in takers { taker.resume() }
  }

  /// Another resource changed: this one is up to date at `revision` too.
  func advance(to revision: Int64) { state.withLockedValue { $0.revision = max($0.revision, revision) } }

  /// Starts a watch. Without `revision` it begins with the objects there are; else with what changed after it.
  /// Throws 410 where the changes are gone, 504 where the revision lies in the future.
  func add(_ watcher: Watcher, after revision: Int64?, sendsInitialEvents: Bool) throws(APIStatus) {
    let refusal = state.withLockedValue { state -> APIStatus? in
      if let revision, revision > state.revision {
        return .tooLargeResourceVersion(revision, current: state.revision)
      }
      if let revision, !sendsInitialEvents {
        guard let changes = state.ring.changes(after: revision) else {
          return .expired("too old resource version: \(revision) (\(state.ring.start))")
        }
        // Nobody waits for the first frames yet.
        for change in changes { _ = watcher.send(change) }
      } else {
        for object in state.objects where watcher.selection.contains(object) { _ = watcher.sendInitial(object) }
        if sendsInitialEvents, watcher.sendsBookmarks {
          _ = watcher.sendBookmark(revision: state.revision, endsInitialEvents: true)
        }
      }
      state.watchers[ObjectIdentifier(watcher)] = watcher
      return nil
    }
    if let refusal { throw refusal }
  }

  /// Calls `observer` with each change from now on, in order, under the cache's lock: it may not use the cache.
  func observe(_ observer: @escaping @Sendable (CachedChange) -> Void) {
    state.withLockedValue { $0.observers.append(observer) }
  }

  func remove(_ watcher: Watcher) {
    state.withLockedValue { state in _ = state.watchers.removeValue(forKey: ObjectIdentifier(watcher)) }
  }

  /// Ends the watches whose time is up.
  func endWatches(before now: NIODeadline) {
    for watcher in watchers where watcher.deadline <= now {
      if watcher.sendsBookmarks { watcher.sendBookmark(revision: view.revision)?.resume() }
      watcher.finish()
    }
  }

  func sendBookmarks() {
    let takers = state.withLockedValue { state in
      state.watchers.values.filter(\.sendsBookmarks).compactMap { $0.sendBookmark(revision: state.revision) }
    }
    for taker in takers { taker.resume() }
  }

  private var watchers: [Watcher] { state.withLockedValue { Array($0.watchers.values) } }

  private static func position(of key: String, in objects: ContiguousArray<CachedObject>) -> Int {
    var low = 0
    var high = objects.count
    while low < high {
      let middle = (low + high) / 2
      if objects[middle].key < key { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
