/// The states a paged list was begun at, for its next pages. Copies share their objects, so one is cheap to keep.
struct PageSnapshots {
  private static let maximumCount = 16

  private var snapshots: [(revision: Int64, objects: SortedObjects)] = []

  subscript(_ revision: Int64) -> SortedObjects? { snapshots.first { $0.revision == revision }?.objects }

  mutating func keep(_ objects: SortedObjects, revision: Int64) {
    snapshots.removeAll { $0.revision == revision }
    if snapshots.count == Self.maximumCount { snapshots.removeFirst() }
    snapshots.append((revision, objects))
  }

  mutating func drop(before revision: Int64) { snapshots.removeAll { $0.revision < revision } }
}
