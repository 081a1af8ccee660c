/// The revision of every live key, and the counter: what a write is checked against.
///
/// A batch is admitted before it is durable; `rollBack` undoes what was admitted since the last `commit`.
struct RevisionIndex {
  private struct Entry {
    var revision: Int64
    var createRevision: Int64
  }

  private var entries: [String: Entry] = [:]
  private(set) var revision: Int64 = 1
  private var committedRevision: Int64 = 1
  private var undo: [(key: String, entry: Entry?)] = []

  init() {}

  init(_ snapshot: StoreSnapshot) {
    revision = snapshot.revision
    committedRevision = snapshot.revision
    entries.reserveCapacity(snapshot.entries.count)
    for entry in snapshot.entries {
      entries[entry.key] = Entry(revision: entry.revision, createRevision: entry.createRevision)
    }
  }

  /// Checks the write's expectation and gives it the next revision.
  mutating func admit(_ write: StoreWrite) throws(StoreError) -> StoreChange {
    let existing = entries[write.key]
    switch (write.expectation, existing) {
    case (.absent, _?): throw StoreError(.exists, "\(write.key) exists")
    case (.revision, nil): throw StoreError(.notFound, "\(write.key) does not exist")
    case (.revision(let expected), let entry?) where entry.revision != expected:
      throw StoreError(.conflict, "\(write.key) is at revision \(entry.revision), not \(expected)")
    default: break
    }
    revision += 1
    let created = existing?.createRevision ?? revision
    undo.append((write.key, existing))
    entries[write.key] = write.isDeletion ? nil : Entry(revision: revision, createRevision: created)
    return StoreChange(
      revision: revision, key: write.key, value: write.content.bytes(revision: revision), createRevision: created,
      isDeletion: write.isDeletion, previous: nil, note: write.note)
  }

  mutating func commit() {
    committedRevision = revision
    undo.removeAll(keepingCapacity: true)
  }

  mutating func rollBack() {
    while let (key, entry) = undo.popLast() { entries[key] = entry }
    revision = committedRevision
  }
}
