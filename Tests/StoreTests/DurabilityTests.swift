import Foundation
import Store
import Testing

@Suite struct DurabilityTests {
  @Test func aReopenedStoreIsAsItWas() async throws {
    try await TestStore.withFolder { folder in
      let first = try TestStore(folder)
      _ = try await first.open()
      try await first.put("a", "x")
      try await first.put("b", "y")
      try await first.put("a", "z", at: 2)
      await first.store.close()
      let second = try TestStore(folder)
      let snapshot = try await second.open()
      #expect(snapshot.revision == 4 && snapshot.entries.map(\.text) == ["a=z@4", "b=y@3"])
      #expect(snapshot.entries.map(\.createRevision) == [2, 3])
      #expect(try await second.store.history(since: 1).count == 3)
      let error = await #expect(throws: StoreError.self) { try await second.put("a", "w", at: 2) }
      #expect(error?.code == .conflict)
      #expect(try await second.put("c", "v").revision == 5)
      await second.store.close()
    }
  }

  /// What was answered lies in the files at that moment, though the first store never closed them.
  @Test func whatWasAnsweredIsOnDisk() async throws {
    try await TestStore.with { test, _ in
      for round in 0..<3 {
        let answered = try await withThrowingTaskGroup(of: Int64.self) { group in
          for index in 0..<20 { group.addTask { try await test.put("r\(round)/\(index)", "v").revision } }
          return try await group.reduce(into: Set<Int64>()) { $0.insert($1) }
        }
        let found = try test.copy(to: "copy-\(round)")
        let snapshot = try await found.open()
        #expect(Set(snapshot.entries.map(\.revision)).isSuperset(of: answered))
        #expect(snapshot.entries.count == (round + 1) * 20)
        await found.store.close()
      }
    }
  }

  @Test func aTornWriteAtTheEndIsForgotten() async throws {
    try await TestStore.with { test, _ in
      try await test.put("a", "x")
      try await test.put("b", "y")
      let found = try test.copy(to: "torn") { folder in
        let log = try #require(FileHandle(forWritingAtPath: "\(folder)/store.db-wal"))
        try log.seekToEnd()
        try log.write(contentsOf: Data(repeating: 0xa5, count: 5_000))
        try log.close()
      }
      #expect(try await found.open().entries.map(\.text) == ["a=x@2", "b=y@3"])
      #expect(try await found.put("c", "z").revision == 4)
      await found.store.close()
    }
  }

  @Test func commitsAreSynchronous() async throws {
    try await TestStore.with { test, _ in
      try await test.put("a", "x")
      // The write-ahead log holds the answered write; the database file alone does not have it yet.
      let log = try #require(FileManager.default.contents(atPath: "\(test.folder)/store.db-wal"))
      #expect(log.range(of: Data("x@2".utf8)) != nil)
    }
  }

  @Test func aFolderThatIsNotThereIsNamed() {
    let error = #expect(throws: StoreError.self) {
      try SQLiteStore(path: "/nonexistent/store.db", logger: TestStore.logger)
    }
    #expect(error?.code == .storage)
    #expect(error?.message.contains("/nonexistent/store.db") == true)
  }

  @Test func aFileThatIsNoStoreIsRefusedAndKept() async throws {
    try await TestStore.withFolder { folder in
      let text = Data(String(repeating: "not a database ", count: 100).utf8)
      try text.write(to: URL(fileURLWithPath: "\(folder)/store.db"))
      let error = #expect(throws: StoreError.self) { try TestStore(folder) }
      #expect(error?.code == .storage)
      #expect(FileManager.default.contents(atPath: "\(folder)/store.db") == text)
    }
  }
}
