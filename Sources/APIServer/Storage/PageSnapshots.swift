import NIOCore

/// The states a paged list was begun at, for its next pages. Copies share their objects, so one is cheap to keep.
struct PageSnapshots {
  private static let maximumCount = 16
  private static let lifetime = TimeAmount.minutes(5)

  private var snapshots: [(revision: Int64, objects: SortedObjects, until: NIODeadline)] = []

  subscript(_ revision: Int64) -> SortedObjects? {
    snapshots.first { $0.revision == revision && $0.until > .now() }?.objects
  }

  mutating func keep(_ objects: SortedObjects, revision: Int64) {
    let now = NIODeadline.now()
    snapshots.removeAll { $0.revision == revision || $0.until <= now }
    if snapshots.count == Self.maximumCount { snapshots.removeFirst() }
    snapshots.append((revision, objects, now + Self.lifetime))
  }
}
