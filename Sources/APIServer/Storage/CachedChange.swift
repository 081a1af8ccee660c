/// One change to an object.
struct CachedChange: Sendable {
  enum EventType: String, Sendable {
    case added = "ADDED"
    case modified = "MODIFIED"
    case deleted = "DELETED"
  }

  /// The object after the change; of a deletion its last state, under the deletion's revision.
  let object: CachedObject
  let previous: CachedObject?
  let isDeletion: Bool

  var revision: Int64 { object.revision }

  /// What a watcher of `selection` is told: objects that enter it are added, those that leave it are deleted.
  func eventType(for selection: Selection) -> EventType? {
    let was = previous.map(selection.contains) ?? false
    let isIn = !isDeletion && selection.contains(object)
    switch (was, isIn) {
    case (false, true): return .added
    case (true, true): return .modified
    case (true, false): return .deleted
    case (false, false): return nil
    }
  }

  /// The object the event shows. One that leaves a selection is shown as it was, under the change's revision.
  func body(_ type: EventType) -> [UInt8] {
    guard type == .deleted, !isDeletion, let previous else { return object.encoded }
    return WatchFrame.restamped(previous, revision: revision)
  }
}
