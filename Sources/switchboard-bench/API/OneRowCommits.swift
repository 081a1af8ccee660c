// GRDB's type for a blob is Data.
import Foundation
import GRDB

/// The floor under every write: one row in one synchronous transaction after the other, as a server would do that commits
/// each request by itself. No network, no JSON, no second thread.
struct OneRowCommits {
  private let queue: DatabaseQueue
  private static let value = Data(repeating: 0x61, count: 700)

  /// Makes the file at `path`, with a table as the server's.
  init(path: String) throws {
    var configuration = Configuration()
    configuration.journalMode = .wal
    queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.writeWithoutTransaction { database in
      try database.execute(
        sql: """
          PRAGMA synchronous = FULL;
          CREATE TABLE revisions (
            revision INTEGER PRIMARY KEY, key TEXT NOT NULL, created INTEGER NOT NULL, deleted INTEGER NOT NULL,
            value BLOB NOT NULL);
          CREATE UNIQUE INDEX revisions_by_key ON revisions (key, revision);
          """)
    }
  }

  /// Commits for some time; returns how many were done in a second.
  func perSecond(seconds: Double) throws -> Double {
    try queue.writeWithoutTransaction { database in
      let statement = try database.makeStatement(
        sql: "INSERT INTO revisions (key, created, deleted, value) VALUES (?, 1, 0, ?)")
      let clock = ContinuousClock()
      let begin = clock.now
      var count = 0
      while clock.now - begin < .seconds(seconds) {
        // Outside of a transaction every statement is one of its own.
        try statement.execute(arguments: ["core/configmaps/default/one-\(count)", Self.value])
        count += 1
      }
      return Double(count) / ((clock.now - begin) / .seconds(1))
    }
  }
}
