package import KubernetesAPI
import NIOConcurrencyHelpers
import NIOCore

/// The watch cache of one resource: every object's text in key order, the last changes, and who watches.
///
/// Reads come from here and never touch the disk. Writes reach it through the store, before they are answered.
package final class ResourceCache: Sendable {
  private struct State {
    /// Lists take a copy, which is cheap, and walk it outside the lock.
    var objects = SortedObjects()
    var ring: ChangeRing
    var watchers: [ObjectIdentifier: Watcher] = [:]
    /// Of the newest change of this resource.
    var lastChange: Int64
    var pages = PageSnapshots()
    /// States before this revision are not shown any more.
    var compacted: Int64 = 0
    var observers: [@Sendable (CachedChange) -> Void] = []
  }

  /// A consistent view of the resource.
  package struct View: Sendable {
    package let objects: SortedObjects
    package let revision: Int64
  }

  package let kind: ResourceKind
  private let state: NIOLockedValueBox<State>
  private let committed: CommittedRevision

  init(kind: ResourceKind, committed: CommittedRevision) {
    self.kind = kind
    self.committed = committed
    let revision = committed.revision
    state = NIOLockedValueBox(State(ring: ChangeRing(start: revision), lastChange: revision))
  }

  /// Takes the objects found in the store at start, in key order.
  func load(_ objects: SortedObjects) { state.withLockedValue { $0.objects = objects } }

  /// Takes changes from before the start, so that watches survive a restart of the server. Oldest first.
  func loadHistory(_ changes: [CachedChange], start: Int64) {
    state.withLockedValue { state in
      state.ring = ChangeRing(start: start)
      for change in changes { state.ring.append(change) }
    }
  }

  package func object(_ key: String) -> CachedObject? { state.withLockedValue { $0.objects.object(key) } }

  package var view: View { state.withLockedValue { View(objects: $0.objects, revision: revision($0)) } }

  /// Up to which revision the state holds every change of this resource. To be called under the lock: a change of this
  /// resource may be here while other resources still wait for theirs of the same batch.
  private func revision(_ state: State) -> Int64 { max(state.lastChange, committed.revision) }

  /// The state at an earlier revision: as the pages of a list were begun at it, or out of the last changes. `nil` where it
  /// was compacted, or where more has changed since than is remembered.
  func view(at revision: Int64) -> View? {
    let (state, current) = state.withLockedValue { ($0, self.revision($0)) }
    if revision == current { return View(objects: state.objects, revision: revision) }
    guard revision < current, revision >= state.compacted else { return nil }
    guard let objects = state.pages[revision] ?? state.ring.rewound(state.objects, to: revision) else { return nil }
    return View(objects: objects, revision: revision)
  }

  /// Remembers a state for the next pages of a list.
  func keep(_ view: View) {
    state.withLockedValue { state in
      if view.revision >= state.compacted { state.pages.keep(view.objects, revision: view.revision) }
    }
  }

  /// States before `revision` are no longer shown. Watches may still begin there while the changes since are remembered.
  func compact(through revision: Int64) {
    state.withLockedValue { state in
      state.compacted = max(state.compacted, revision)
      state.pages.drop(before: revision)
    }
  }

  /// The revision of the newest change of this resource: what is derived from it is still right while this stays.
  package var lastChange: Int64 { state.withLockedValue { $0.lastChange } }

  package var count: Int { state.withLockedValue { $0.objects.count } }
  package var watcherCount: Int { state.withLockedValue { $0.watchers.count } }

  /// Takes a committed change: newer than all before.
  func apply(_ object: CachedObject, isDeletion: Bool) {
    let takers = state.withLockedValue { state -> [Watcher.Taker] in
      let previous = isDeletion ? state.objects.remove(object.key) : state.objects.update(object)
      if isDeletion, previous == nil { return [] }
      let change = CachedChange(object: object, previous: previous, isDeletion: isDeletion)
      state.ring.append(change)
      for observer in state.observers { observer(change) }
      state.lastChange = object.revision
      var frames = ChangeFrames(change)
      return state.watchers.values.compactMap { $0.send(&frames) }
    }
    for taker in takers { taker.resume() }
  }

  /// Starts a watch. Without `revision` it begins with the objects there are; else with what changed after it.
  /// Throws 410 where the changes are gone, 504 where the revision lies in the future.
  func add(_ watcher: Watcher, after revision: Int64?, sendsInitialEvents: Bool) throws(APIStatus) {
    let refusal = state.withLockedValue { state -> APIStatus? in
      let current = self.revision(state)
      if let revision, revision > current { return .tooLargeResourceVersion(revision, current: current) }
      if let revision, !sendsInitialEvents {
        guard let changes = state.ring.changes(after: revision) else {
          return .expired("too old resource version: \(revision) (\(state.ring.start))")
        }
        // Nobody waits for the first frames yet.
        for change in changes {
          var frames = ChangeFrames(change)
          _ = watcher.send(&frames)
        }
      } else {
        for object in state.objects where watcher.selection.contains(object) { _ = watcher.sendInitial(object) }
        if sendsInitialEvents, watcher.sendsBookmarks {
          _ = watcher.sendBookmark(revision: current, endsInitialEvents: true)
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
    let takers = state.withLockedValue { state -> [Watcher.Taker] in
      let revision = revision(state)
      return state.watchers.values.filter(\.sendsBookmarks).compactMap { $0.sendBookmark(revision: revision) }
    }
    for taker in takers { taker.resume() }
  }

  private var watchers: [Watcher] { state.withLockedValue { Array($0.watchers.values) } }
}
