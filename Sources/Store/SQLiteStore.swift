import Foundation
import GRDB
package import Logging
import Synchronization

/// An ``ObjectStore`` in one SQLite file, in WAL mode with `synchronous=FULL`.
///
/// Writes that arrive while a transaction is being committed wait and go into the next one together (group commit):
/// one fsync serves them all, and none is answered before it.
package final class SQLiteStore: ObjectStore {
  private struct Pending {
    let write: StoreWrite
    let answer: CheckedContinuation<Result<StoreChange, StoreError>, Never>
  }

  private struct Intake {
    var pending: [Pending] = []
    var isDraining = false
    var isClosed = false
    var deliver: (@Sendable ([StoreChange]) -> Void)?
  }

  private let queue: DatabaseQueue
  /// What is committed is told here, in order, while the next batch is already being written.
  private let deliveries = DispatchQueue(label: "store.deliveries", qos: .userInitiated)
  private let logger: Logger
  private let intake = Mutex(Intake())
  private let index = Mutex(RevisionIndex())

  /// Opens or makes the file at `path`; its folder must exist.
  package init(path: String, logger: Logger) throws(StoreError) {
    self.logger = logger
    do {
      var configuration = Configuration()
      configuration.label = "store"
      configuration.journalMode = .wal
      configuration.busyMode = .timeout(5)
      queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.writeWithoutTransaction { database in
        // GRDB turns synchronous down to NORMAL when it opens a WAL file, so FULL is set here and read back.
        // The log is folded into the file after 16 MB: what changes often is then written there once for many commits.
        try database.execute(
          sql: """
            PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 4000
            """)
        guard try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2 else {
          throw StoreError(.storage, "SQLite does not accept synchronous=FULL for \(path)")
        }
        try database.inTransaction {
          try SQLiteSchema.create(database)
          return .commit
        }
      }
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(
        .storage, "cannot open the store \(path); check that its folder exists and is writable", cause: error)
    }
  }

  package func open(
    deliver: @escaping @Sendable ([StoreChange]) -> Void
  ) async throws(StoreError) -> StoreSnapshot {
    let snapshot = try await read { database in
      StoreSnapshot(
        revision: try Int64.fetchOne(database, sql: "SELECT MAX(revision) FROM revisions") ?? 1,
        compactedRevision: try Self.compactedRevision(database),
        entries: try Self.fetchEntries(database, prefix: ""))
    }
    index.withLock { $0 = RevisionIndex(snapshot) }
    intake.withLock { $0.deliver = deliver }
    return snapshot
  }

  package func write(_ write: StoreWrite) async throws(StoreError) -> StoreChange {
    let result = await withCheckedContinuation { continuation in
      let (starts, closed) = intake.withLock { intake -> (Bool, Bool) in
        if intake.isClosed { return (false, true) }
        intake.pending.append(Pending(write: write, answer: continuation))
        defer { intake.isDraining = true }
        return (!intake.isDraining, false)
      }
      if closed { continuation.resume(returning: .failure(StoreError(.closed, "the store is closed"))) }
      if starts { queue.asyncWriteWithoutTransaction { [self] in drain($0) } }
    }
    return try result.get()
  }

  /// Commits batch after batch until nothing is waiting. Runs on the database's own serial queue.
  private func drain(_ database: Database) {
    while true {
      let (batch, deliver) = intake.withLock { intake in
        defer { intake.pending.removeAll(keepingCapacity: true) }
        if intake.pending.isEmpty { intake.isDraining = false }
        return (intake.pending, intake.deliver)
      }
      if batch.isEmpty { return }
      let results = commit(batch.map(\.write), in: database)
      deliveries.async {
        let changes = results.compactMap { try? $0.get() }
        if !changes.isEmpty { deliver?(changes) }
        for (pending, result) in zip(batch, results) { pending.answer.resume(returning: result) }
      }
    }
  }

  private func commit(_ writes: [StoreWrite], in database: Database) -> [Result<StoreChange, StoreError>] {
    index.withLock { index in
      let results = writes.map { write in Result { () throws(StoreError) in try index.admit(write) } }
      do {
        try database.inTransaction(.immediate) {
          let statement = try database.cachedStatement(sql: SQLiteSchema.insert)
          for case .success(let change) in results {
            try statement.execute(arguments: [
              change.revision, change.key, change.createRevision, change.isDeletion, Data(change.value),
            ])
          }
          return .commit
        }
        index.commit()
        return results
      } catch {
        index.rollBack()
        logger.error("writing to the store failed", metadata: ["error": "\(error)"])
        let failure = StoreError(
          .storage, "the change could not be written; check the disk's free space and its health", cause: error)
        return writes.map { _ in .failure(failure) }
      }
    }
  }

  package func entry(_ key: String) async throws(StoreError) -> StoreEntry? {
    // Not U+0000, at which a bound text would end; keys hold no control characters.
    try await read { try Self.fetchEntries($0, from: key, to: key + "\u{1}").first }
  }

  package func entries(prefix: String) async throws(StoreError) -> [StoreEntry] {
    try await read { try Self.fetchEntries($0, prefix: prefix) }
  }

  package func history(since revision: Int64) async throws(StoreError) -> [StoreChange] {
    try await read { database in
      let compacted = try Self.compactedRevision(database)
      guard revision >= compacted else {
        throw StoreError(.compacted, "revision \(revision) was compacted; history begins after \(compacted)")
      }
      return try Row.fetchAll(database, sql: SQLiteSchema.history, arguments: [revision]).map { row in
        StoreChange(
          revision: row[0], key: row[1], value: [UInt8](row[4] as Data), createRevision: row[2], isDeletion: row[3],
          previous: (row[5] as Data?).map { [UInt8]($0) }, note: nil)
      }
    }
  }

  package func compact(through revision: Int64) async throws(StoreError) {
    var removed = 2000
    while removed == 2000 {
      // In small transactions, so that writers wait only briefly.
      removed = try await access { database in
        var count = 0
        try database.inTransaction(.immediate) {
          try database.execute(
            sql: "UPDATE compaction SET revision = MAX(revision, ?)", arguments: [revision])
          try database.execute(sql: SQLiteSchema.compact, arguments: [revision])
          count = database.changesCount
          return .commit
        }
        return count
      }
    }
  }

  package func close() async {
    intake.withLock { $0.isClosed = true }
    do {
      // Both queues are serial: whatever was written before is committed and told now.
      try await access { _ in }
      await withCheckedContinuation { continuation in deliveries.async { continuation.resume() } }
      try queue.close()
    } catch {
      logger.warning("closing the store failed", metadata: ["error": "\(error)"])
    }
  }

  private func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(StoreError) -> T {
    try await access(body)
  }

  private func access<T: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> T
  ) async throws(StoreError) -> T {
    do {
      return try await withCheckedThrowingContinuation { continuation in
        queue.asyncWriteWithoutTransaction { database in
          continuation.resume(with: Result { try body(database) })
        }
      }
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(.storage, "the store could not be read", cause: error)
    }
  }

  private static func compactedRevision(_ database: Database) throws -> Int64 {
    try Int64.fetchOne(database, sql: "SELECT revision FROM compaction") ?? 1
  }

  private static func fetchEntries(_ database: Database, prefix: String) throws -> [StoreEntry] {
    // U+10FFFF sorts after every character a key can hold.
    try fetchEntries(database, from: prefix, to: prefix + "\u{10ffff}")
  }

  private static func fetchEntries(_ database: Database, from: String, to: String) throws -> [StoreEntry] {
    let statement = try database.cachedStatement(sql: SQLiteSchema.entries)
    return try Row.fetchAll(statement, arguments: [from, to]).map { row in
      StoreEntry(key: row[1], value: [UInt8](row[3] as Data), revision: row[0], createRevision: row[2])
    }
  }
}
