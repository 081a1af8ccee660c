import Foundation
import Logging
import Store
import Synchronization

/// A store in a folder of its own, with what it has delivered.
final class TestStore: Sendable {
  let folder: String
  let store: SQLiteStore
  private let batches = Mutex<[[StoreChange]]>([])

  static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// Runs `body` with a store that is opened; its files are gone afterwards.
  static func with(_ body: (TestStore, StoreSnapshot) async throws -> Void) async throws {
    try await withFolder { folder in
      let test = try TestStore(folder)
      try await body(test, test.open())
      await test.store.close()
    }
  }

  static func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("store-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }

  init(_ folder: String) throws {
    self.folder = folder
    store = try SQLiteStore(path: "\(folder)/store.db", logger: Self.logger)
  }

  func open(delivering also: @escaping @Sendable () -> Void = {}) async throws -> StoreSnapshot {
    try await store.open { [self] changes in
      batches.withLock { $0.append(changes) }
      also()
    }
  }

  /// What was delivered, as it came.
  var delivered: [[StoreChange]] { batches.withLock { $0 } }

  @discardableResult
  func put(_ key: String, _ value: String, at revision: Int64? = nil) async throws -> StoreChange {
    try await store.write(
      StoreWrite(
        key: key, expecting: revision.map { .revision($0) } ?? .absent,
        content: StoreContent(head: Array("\(value)@".utf8))))
  }

  @discardableResult
  func delete(_ key: String, at revision: Int64) async throws -> StoreChange {
    try await store.write(
      StoreWrite(
        key: key, expecting: .revision(revision), content: StoreContent(head: Array("gone@".utf8)), isDeletion: true))
  }

  /// A second store on a copy of the files as they are at this moment, as a machine finds them that lost its power.
  func copy(to name: String, damaging: (String) throws -> Void = { _ in }) throws -> TestStore {
    let target = "\(folder)/\(name)"
    try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
    for file in ["store.db", "store.db-wal"] {
      try FileManager.default.copyItem(atPath: "\(folder)/\(file)", toPath: "\(target)/\(file)")
    }
    try damaging(target)
    return try TestStore(target)
  }
}

extension StoreEntry {
  /// `a=1@2`: key, value, revision in the value.
  var text: String { "\(key)=\(String(decoding: value, as: UTF8.self))" }
}

extension StoreChange {
  var text: String { "\(isDeletion ? "-" : "+")\(key)=\(String(decoding: value, as: UTF8.self))" }
}
