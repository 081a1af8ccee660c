import Foundation
import Testing

/// Random concurrent histories with server kills, compared with a sequential model.
///
/// The fast tier runs one seed. `SWITCHBOARD_HISTORIES=200` runs so many, from `SWITCHBOARD_SEED` on (1 without it).
@Suite struct HistoryTests {
  private static var seeds: Range<UInt64> {
    let environment = ProcessInfo.processInfo.environment
    let first = environment["SWITCHBOARD_SEED"].flatMap(UInt64.init) ?? 1
    return first..<(first + (environment["SWITCHBOARD_HISTORIES"].flatMap(UInt64.init) ?? 1))
  }

  @Test func everyHistoryIsOneOfASequentialServer() async throws {
    for seed in Self.seeds {
      let record = try await HistoryRun(seed: seed).run()
      let model = HistoryModel(operations: record.operations, events: record.events)
      #expect(model.faults.isEmpty, "seed \(seed): \(model.faults.prefix(10).joined(separator: "\n"))")
      // It was a history worth checking.
      let acknowledged = record.operations.filter { if case .wrote = $0.outcome { true } else { false } }
      #expect(acknowledged.count > 20, "seed \(seed): only \(acknowledged.count) writes")
      #expect(record.events.count == 8)
    }
  }

  /// The model itself: a history of a server that errs is not taken for a good one.
  @Test func theModelFindsWhatIsWrong() async throws {
    let record = try await HistoryRun(seed: 7, kills: 0, requests: 40).run()
    let (operations, events) = (record.operations, record.events)
    func faults(_ change: (inout [String: [HistoryEvent]]) -> Void) -> [String] {
      var events = events
      change(&events)
      return HistoryModel(operations: operations, events: events).faults
    }
    let untouched = faults { _ in }
    #expect(untouched.isEmpty, "\(untouched)")
    for name in ["configmaps all 0", "configmaps all 1", "configmaps a 2", "serviceaccounts b 3"] {
      let seen = try #require(events[name])
      let middle = seen.count / 2
      let gap = faults { $0[name] = Array(seen[..<middle] + seen[(middle + 1)...]) }
      #expect(!gap.isEmpty, "a gap in \(name)")
      let turned = faults { $0[name]?.swapAt(middle, middle - 1) }
      #expect(!turned.isEmpty, "another order in \(name)")
      let twice = faults { $0[name]?.insert(seen[middle], at: middle) }
      #expect(!twice.isEmpty, "one twice in \(name)")
    }
    // A write that was acknowledged and that nobody ever sees.
    let lost = try #require(operations.first { if case .wrote = $0.outcome { true } else { false } })
    let without = faults { events in
      for name in events.keys { events[name]?.removeAll { $0.content.operation == lost.id } }
    }
    #expect(!without.isEmpty)
    // A read of a state that was over before it began.
    let stale = operations.map { operation in
      guard case .read = operation.outcome else { return operation }
      return HistoryOperation(
        id: operation.id, key: operation.key, action: operation.action, content: operation.content, floor: .max,
        outcome: operation.outcome)
    }
    #expect(!HistoryModel(operations: stale, events: events).faults.isEmpty)
  }
}
