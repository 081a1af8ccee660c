/// Where the API server keeps its objects: keys with values under one revision counter.
///
/// Every successful write gets the next revision. Older values stay readable as history until they are compacted away.
/// Values are opaque, except that each carries its own revision in decimal digits (see ``StoreContent``).
package protocol ObjectStore: Sendable {
  /// Reads the whole current state and from then on hands every committed change to `deliver`: in revision order,
  /// each exactly once, and before the write that caused it returns. To be called once.
  func open(deliver: @escaping @Sendable ([StoreChange]) -> Void) async throws(StoreError) -> StoreSnapshot

  /// Makes one change and returns it once it is durable.
  /// Throws `exists`, `notFound` or `conflict` where the write's expectation does not hold.
  func write(_ write: StoreWrite) async throws(StoreError) -> StoreChange

  /// The current value of a key.
  func entry(_ key: String) async throws(StoreError) -> StoreEntry?

  /// The current values of all keys that begin with `prefix`, in key order.
  func entries(prefix: String) async throws(StoreError) -> [StoreEntry]

  /// The changes after `revision`, oldest first. Throws `compacted` where some of them are gone.
  func history(since revision: Int64) async throws(StoreError) -> [StoreChange]

  /// Forgets values that were replaced or deleted at or before `revision`.
  func compact(through revision: Int64) async throws(StoreError)

  /// Waits for the writes under way and releases the storage.
  func close() async
}

/// A value to be written, in two parts: the store writes the new revision in decimal digits between them.
package struct StoreContent: Sendable, Hashable {
  package let head: [UInt8]
  package let tail: [UInt8]

  package init(head: [UInt8], tail: [UInt8] = []) {
    self.head = head
    self.tail = tail
  }

  /// The whole value at `revision`.
  package func bytes(revision: Int64) -> [UInt8] {
    let digits = String(revision)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(head.count + digits.utf8.count + tail.count)
    bytes += head
    bytes += digits.utf8
    bytes += tail
    return bytes
  }
}

/// One change to one key, made only if the key is as expected.
package struct StoreWrite: Sendable {
  package enum Expectation: Sendable, Hashable {
    /// The key does not exist.
    case absent
    /// The key's last change has this revision.
    case revision(Int64)
  }

  package let key: String
  package let expectation: Expectation
  /// The new value; for a deletion the value that watchers are told.
  package let content: StoreContent
  package let isDeletion: Bool
  /// The writer's own; it comes back with the change and is not stored.
  package let note: (any Sendable)?

  package init(
    key: String, expecting expectation: Expectation, content: StoreContent, isDeletion: Bool = false,
    note: (any Sendable)? = nil
  ) {
    self.key = key
    self.expectation = expectation
    self.content = content
    self.isDeletion = isDeletion
    self.note = note
  }
}

/// A key with its current value.
package struct StoreEntry: Sendable, Hashable {
  package let key: String
  package let value: [UInt8]
  /// Of the last change.
  package let revision: Int64
  /// Of the change that made the key.
  package let createRevision: Int64
}

/// A committed change.
package struct StoreChange: Sendable {
  package let revision: Int64
  package let key: String
  /// The new value; of a deleted key the last one, with the deletion's revision in it.
  package let value: [UInt8]
  package let createRevision: Int64
  package let isDeletion: Bool
  /// The value before, in history only: who follows the changes as they come knows it already.
  package let previous: [UInt8]?
  /// What the write carried; `nil` in history.
  package let note: (any Sendable)?

  package var isCreation: Bool { !isDeletion && revision == createRevision }
}

/// The state a store was opened with.
package struct StoreSnapshot: Sendable {
  /// Of the newest change; 1 in a new store.
  package let revision: Int64
  /// History begins after this revision.
  package let compactedRevision: Int64
  /// In key order.
  package let entries: [StoreEntry]
}
