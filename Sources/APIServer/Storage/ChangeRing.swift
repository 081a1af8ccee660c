import DequeModule

/// The last changes of one resource, so that a watch can begin in the past. Bounded in number and in bytes.
struct ChangeRing {
  private static let maximumChanges = 4_096
  private static let maximumBytes = 4 << 20

  private var changes: Deque<CachedChange> = []
  private var bytes = 0
  /// Every change after this revision is here.
  private(set) var start: Int64

  init(start: Int64) { self.start = start }

  mutating func append(_ change: CachedChange) {
    changes.append(change)
    bytes += change.object.encoded.count
    while changes.count > Self.maximumChanges || bytes > Self.maximumBytes && changes.count > 64 {
      guard let oldest = changes.popFirst() else { break }
      bytes -= oldest.object.encoded.count
      start = oldest.revision
    }
  }

  /// The changes after `revision`, oldest first; `nil` where some are gone.
  func changes(after revision: Int64) -> Deque<CachedChange>.SubSequence? {
    guard revision >= start else { return nil }
    var low = 0
    var high = changes.count
    while low < high {
      let middle = (low + high) / 2
      if changes[middle].revision <= revision { low = middle + 1 } else { high = middle }
    }
    return changes[low...]
  }

  /// What the objects were at `revision`: the changes since are taken back, the last one first. `nil` where some are gone.
  func rewound(_ objects: SortedObjects, to revision: Int64) -> SortedObjects? {
    guard let changes = changes(after: revision) else { return nil }
    var objects = objects
    for change in changes.reversed() {
      if let previous = change.previous {
        objects.update(previous)
      } else {
        _ = objects.remove(change.object.key)
      }
    }
    return objects
  }
}
