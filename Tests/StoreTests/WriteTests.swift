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
      let isFirst = Mutex(true)
      // The first commit takes long, so that the other writes wait for it.
      _ = try await test.open {
        if isFirst.withLock({ first in
          defer { first = false }
          return first
        }) {
          Thread.sleep(forTimeInterval: 0.2)
        }
      }
      let codes = await withTaskGroup(of: StoreError.Code?.self) { group in
        for index in 0..<40 {
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
      #expect(codes.filter { $0 == nil }.count == 20 && codes.filter { $0 == .exists }.count == 20)
      #expect(test.delivered.joined().count == 20)
      #expect(test.delivered.count <= 5, "\(test.delivered.map(\.count))")
      await test.store.close()
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
