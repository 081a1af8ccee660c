import Foundation
import Store
import Synchronization
import Testing

@Suite struct WriteTests {
  @Test func everyWriteGetsTheNextRevision() async throws {
    try await TestStore.with { test, snapshot in
      #expect(snapshot.revision == 1 && snapshot.compactedRevision == 1 && snapshot.entries.isEmpty)
      let first = try await test.put("a", "x")
      #expect(first.revision == 2 && first.createRevision == 2 && first.isCreation)
      let second = try await test.put("b", "y")
      #expect(second.revision == 3)
      let third = try await test.put("a", "z", at: 2)
      #expect(third.revision == 4 && third.createRevision == 2 && !third.isCreation)
      let last = try await test.delete("b", at: 3)
      #expect(last.revision == 5 && last.isDeletion && last.text == "-b=gone@5")
      #expect(try await test.store.entries(prefix: "").map(\.text) == ["a=z@4"])
    }
  }

  @Test func aWriteHoldsToWhatItExpects() async throws {
    try await TestStore.with { test, _ in
      let made = try await test.put("a", "x")
      let refusals: [(StoreError.Code, () async throws -> StoreChange)] = [
        (.exists, { try await test.put("a", "y") }), (.notFound, { try await test.put("b", "y", at: 2) }),
        (.conflict, { try await test.put("a", "y", at: made.revision - 1) }),
        (.conflict, { try await test.delete("a", at: made.revision + 1) }),
        (.notFound, { try await test.delete("b", at: 2) }),
      ]
      for (code, write) in refusals {
        let error = await #expect(throws: StoreError.self) { try await write() }
        #expect(error?.code == code)
      }
      // What is refused costs no revision.
      #expect(try await test.put("b", "y").revision == made.revision + 1)
      #expect(test.delivered.joined().map(\.text) == ["+a=x@2", "+b=y@3"])
    }
  }

  @Test func aDeletedKeyBeginsAnew() async throws {
    try await TestStore.with { test, _ in
      try await test.put("a", "x")
      try await test.delete("a", at: 2)
      let again = try await test.put("a", "y")
      #expect(again.createRevision == 4 && again.isCreation)
    }
  }

  @Test func keysAreInOrderAndPrefixesExact() async throws {
    try await TestStore.with { test, _ in
      for key in ["pods/b", "pods/a/x", "podsets/a", "pods/ä", "pod"] { try await test.put(key, "v") }
      #expect(try await test.store.entries(prefix: "pods/").map(\.key) == ["pods/a/x", "pods/b", "pods/ä"])
      #expect(try await test.store.entry("pod")?.key == "pod")
      #expect(try await test.store.entry("po") == nil)
    }
  }

  @Test func changesAreDeliveredOnceInOrderAndBeforeTheAnswer() async throws {
    try await TestStore.with { test, _ in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<8 {
          group.addTask {
            for index in 0..<25 {
              let change = try await test.put("w\(writer)/\(index)", "v")
              #expect(test.delivered.joined().contains { $0.revision == change.revision })
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(test.delivered.joined().map(\.revision) == Array(2...201))
    }
  }

  @Test func noWriteIsAnsweredBeforeItIsDelivered() async throws {
    try await TestStore.withFolder { folder in
      let store = try TestStore(folder).store
      let told = Mutex<[Int64]>([])
      _ = try await store.open { changes in
        Thread.sleep(forTimeInterval: 0.05)
        told.withLock { $0 += changes.map(\.revision) }
      }
      let write = StoreWrite(key: "a", expecting: .absent, content: StoreContent(head: []))
      let change = try await store.write(write)
      #expect(told.withLock { $0 } == [change.revision])
      await store.close()
    }
  }

  @Test func oneOfManyWinsARevision() async throws {
    try await TestStore.with { test, _ in
      let made = try await test.put("a", "x")
      let wins = await withTaskGroup(of: Bool.self) { group in
        for index in 0..<20 {
          group.addTask { (try? await test.put("a", "y\(index)", at: made.revision)) != nil }
        }
        return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(wins == 1)
      #expect(try await test.store.entry("a")?.revision == made.revision + 1)
    }
  }

  @Test func writesThatWaitAreCommittedTogether() async throws {
    try await TestStore.withFolder { folder in
      let test = try TestStore(folder)
      _ = try await test.open()
      // A compaction of many rows occupies the database, so that the writes wait for it.
      var revision: Int64?
      for index in 0..<400 { revision = try await test.put("old", "\(index)", at: revision).revision }
      let before = test.delivered.count
      async let compaction: Void = test.store.compact(through: revision ?? 0)
      let codes = await withTaskGroup(of: StoreError.Code?.self) { group in
        for index in 0..<200 {
          group.addTask {
            do {
              // Two of each key: one in a batch that fails does not hold up the others.
              try await test.put("k\(index / 2)", "v")
              return nil
            } catch {
              return (error as? StoreError)?.code
            }
          }
        }
        return await group.reduce(into: [StoreError.Code?]()) { $0.append($1) }
      }
      try await compaction
      #expect(codes.filter { $0 == nil }.count == 100 && codes.filter { $0 == .exists }.count == 100)
      let batches = test.delivered.dropFirst(before)
      #expect(batches.joined().count == 100)
      #expect(batches.count <= 50, "\(batches.map(\.count))")
      await test.store.close()
    }
  }

  /// The next batch is written while whoever is told of the one before still takes his time, and is told after it.
  @Test func aSlowReceiverDoesNotHoldUpTheDisk() async throws {
    try await TestStore.withFolder { folder in
      let store = try TestStore(folder).store
      let told = Mutex<[Int64]>([])
      let release = DispatchSemaphore(value: 0)
      let gate = Mutex(true)
      _ = try await store.open { changes in
        if gate.withLock({ isFirst in
          defer { isFirst = false }
          return isFirst
        }) {
          release.wait()
        }
        told.withLock { $0 += changes.map(\.revision) }
      }
      func write(_ key: String) async throws -> Int64 {
        try await store.write(
          StoreWrite(key: key, expecting: .absent, content: StoreContent(head: Array("v".utf8)), note: key)
        ).revision
      }
      async let first = write("a")
      // Reads stand in line behind the writes: what they find is committed.
      while try await store.entry("a") == nil { try await Task.sleep(for: .milliseconds(1)) }
      async let second = write("b")
      while try await store.entry("b") == nil { try await Task.sleep(for: .milliseconds(1)) }
      #expect(told.withLock { $0 }.isEmpty)
      release.signal()
      #expect(try await (first, second) == (2, 3))
      #expect(told.withLock { $0 } == [2, 3])
      await store.close()
    }
  }

  @Test func aNoteComesBackWithTheChangeAndIsNotStored() async throws {
    try await TestStore.with { test, _ in
      let change = try await test.store.write(
        StoreWrite(key: "a", expecting: .absent, content: StoreContent(head: Array("x@".utf8)), note: "mine"))
      #expect(change.note as? String == "mine")
      #expect(test.delivered.joined().map { $0.note as? String } == ["mine"])
      #expect(try await test.store.history(since: 1).map { $0.note == nil } == [true])
    }
  }

  @Test func aClosedStoreTakesNothing() async throws {
    try await TestStore.withFolder { folder in
      let test = try TestStore(folder)
      _ = try await test.open()
      await test.store.close()
      let error = await #expect(throws: StoreError.self) { try await test.put("a", "x") }
      #expect(error?.code == .closed)
    }
  }
}
