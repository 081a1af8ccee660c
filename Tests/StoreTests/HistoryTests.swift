import Store
import Testing

@Suite struct HistoryTests {
  @Test func historyTellsWhatChangedAndWhatWasBefore() async throws {
    try await TestStore.with { test, _ in
      try await test.put("a", "x")
      try await test.put("b", "y")
      try await test.put("a", "z", at: 2)
      try await test.delete("a", at: 4)
      try await test.put("a", "w")
      let history = try await test.store.history(since: 2)
      #expect(history.map(\.text) == ["+b=y@3", "+a=z@4", "-a=gone@5", "+a=w@6"])
      #expect(history.map { $0.previous.map { String(decoding: $0, as: UTF8.self) } } == [nil, "x@2", "z@4", nil])
      #expect(history.map(\.createRevision) == [3, 2, 2, 6])
      #expect(try await test.store.history(since: 6).isEmpty)
      #expect(try await test.store.history(since: 1).count == 5)
    }
  }

  @Test func compactionForgetsWhatWasReplaced() async throws {
    try await TestStore.with { test, _ in
      try await test.put("a", "x")
      try await test.put("a", "y", at: 2)
      try await test.put("b", "z")
      try await test.delete("b", at: 4)
      try await test.put("a", "w", at: 3)
      let before = try await test.store.entries(prefix: "")
      try await test.store.compact(through: 5)
      #expect(try await test.store.entries(prefix: "") == before)
      let error = await #expect(throws: StoreError.self) { try await test.store.history(since: 4) }
      #expect(error?.code == .compacted)
      #expect(try await test.store.history(since: 5).map(\.text) == ["+a=w@6"])
      // The value that is current at the compacted revision stays: the next change tells it as the previous one.
      #expect(try await test.store.history(since: 5).first?.previous == Array("y@3".utf8))
      // Compaction never goes back.
      try await test.store.compact(through: 2)
      await #expect(throws: StoreError.self) { try await test.store.history(since: 3) }
    }
  }

  @Test func compactionTakesManyRows() async throws {
    try await TestStore.with { test, _ in
      // Side by side, so that each commit takes many of them.
      let newest = try await withThrowingTaskGroup(of: Int64.self) { group in
        for key in 0..<50 {
          group.addTask {
            var revision: Int64?
            for index in 0...45 { revision = try await test.put("k\(key)", "\(index)", at: revision).revision }
            return revision ?? 0
          }
        }
        return try await group.reduce(0) { max($0, $1) }
      }
      #expect(newest == 2_301)
      let before = try await test.store.entries(prefix: "")
      #expect(before.count == 50)
      try await test.store.compact(through: newest)
      #expect(try await test.store.entries(prefix: "") == before)
      #expect(try await test.put("b", "x").revision == newest + 1)
      #expect(try await test.store.history(since: newest).map(\.text) == ["+b=x@\(newest + 1)"])
    }
  }

  @Test func theCounterOutlivesACompactedDeletion() async throws {
    try await TestStore.withFolder { folder in
      let first = try TestStore(folder)
      _ = try await first.open()
      try await first.put("a", "x")
      try await first.delete("a", at: 2)
      try await first.store.compact(through: 3)
      await first.store.close()
      let second = try TestStore(folder)
      let snapshot = try await second.open()
      #expect(snapshot.revision == 3 && snapshot.compactedRevision == 3 && snapshot.entries.isEmpty)
      #expect(try await second.put("b", "y").revision == 4)
      await second.store.close()
    }
  }
}
