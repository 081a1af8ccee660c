import GRDB

/// The tables of ``SQLiteStore``.
///
/// One table holds every revision; the index finds a key's newest one. `deleted` marks tombstones.
enum SQLiteSchema {
  static func create(_ database: Database) throws {
    try database.execute(
      sql: """
        CREATE TABLE IF NOT EXISTS revisions (
          revision INTEGER PRIMARY KEY, key TEXT NOT NULL, created INTEGER NOT NULL, deleted INTEGER NOT NULL,
          value BLOB NOT NULL);
        CREATE UNIQUE INDEX IF NOT EXISTS revisions_by_key ON revisions (key, revision);
        CREATE TABLE IF NOT EXISTS compaction (id INTEGER PRIMARY KEY CHECK (id = 0), revision INTEGER NOT NULL);
        INSERT OR IGNORE INTO compaction VALUES (0, 1);
        """)
  }

  static let insert = "INSERT INTO revisions (revision, key, created, deleted, value) VALUES (?, ?, ?, ?, ?)"

  /// The live entries whose key is in a half-open range, in key order.
  static let entries = """
    SELECT r.revision, r.key, r.created, r.value FROM revisions r
    JOIN (SELECT MAX(revision) AS newest FROM revisions WHERE key >= ? AND key < ? GROUP BY key) n
      ON r.revision = n.newest
    WHERE r.deleted = 0 ORDER BY r.key
    """

  /// Changes after a revision, each with the value it replaced.
  static let history = """
    SELECT r.revision, r.key, r.created, r.deleted, r.value,
      (SELECT p.value FROM revisions p WHERE p.key = r.key AND p.revision < r.revision AND p.deleted = 0
        AND p.revision >= r.created ORDER BY p.revision DESC LIMIT 1) AS previous
    FROM revisions r WHERE r.revision > ? ORDER BY r.revision
    """

  /// Some rows that compaction through a revision removes. The newest row always stays: the counter starts from it.
  static let compact = """
    DELETE FROM revisions WHERE revision IN (
      SELECT r.revision FROM revisions r
      WHERE r.revision <= ?1 AND r.revision < (SELECT MAX(revision) FROM revisions)
        AND (r.deleted = 1 OR EXISTS (SELECT 1 FROM revisions n WHERE n.key = r.key AND n.revision > r.revision
          AND n.revision <= ?1))
      LIMIT 2000)
    """
}
