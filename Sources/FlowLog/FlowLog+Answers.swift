package import JSONTree
internal import Netlink
internal import Synchronization

/// What is answered at `/flows` of the node's server: lines of JSON, a record or a loss each.
extension FlowLog {
  package typealias Writing = @Sendable (_ bytes: [UInt8]) async throws -> Void

  /// Prepares the answer for a query: `from`, `to`, `dropped`, `namespace`, `follow`. Throws ``FlowQuestionError``.
  ///
  /// The records are those that are asked for and those that may be the other half of one (``FlowJoin``). With `follow` they
  /// are what happens from now on, until the task is cancelled; otherwise what the book has. At the end comes what is missing;
  /// while following at the beginning, whenever it has grown, and every so often, as a sign of life.
  package func answer(_ query: [String: String]) throws -> @Sendable (_ write: @escaping Writing) async throws -> Void {
    let filter = NodeFilter(try FlowFilter(query: query))
    if query["follow"] == "true" { return { write in try await self.follow(filter, write) } }
    return { write in try await self.show(filter, write) }
  }

  private static let recordsAtOnce = 512

  private func show(_ filter: NodeFilter, _ write: @escaping Writing) async throws {
    await look()
    let snapshot = names.withLock(\.snapshot)
    let records = state.withLock { $0.book.records }.filter { filter.takes($0, snapshot) }
    for start in stride(from: 0, to: records.count, by: Self.recordsAtOnce) {
      try await write(Self.lines(records[start..<min(start + Self.recordsAtOnce, records.count)].map(\.tree)))
    }
    try await write(Self.lines([loss.tree]))
  }

  private func follow(_ filter: NodeFilter, _ write: @escaping Writing) async throws {
    let queue = EventQueue<FlowRecord>(capacity: configuration.waitingRecords)
    let key = state.withLock { state in
      state.nextFollower += 1
      state.followers[state.nextFollower] = Follower(filter: filter, queue: queue)
      return state.nextFollower
    }
    defer { state.withLock { $0.followers[key] = nil } }
    // So that whoever asks knows that it has begun, and what cannot be seen.
    try await write(Self.lines([loss.tree]))
    try await withThrowingTaskGroup(of: Void.self) { group in
      // Both write whole lines at once, so that theirs do not meet.
      group.addTask {
        while let batch = await queue.next() {
          if batch.loss.total > 0 { self.state.withLock { $0.followers[key]?.lost += batch.loss.total } }
          try await write(Self.lines(batch.events.map(\.tree)))
        }
      }
      group.addTask {
        var (told, at) = (self.loss(of: key), ContinuousClock.now)
        // Ends with the sleep that is cancelled. The kernel's counters tell of nothing by themselves.
        while (try? await Task.sleep(for: self.configuration.lossInterval)) != nil {
          await self.countDenials()
          let loss = self.loss(of: key)
          guard loss != told || .now - at >= self.configuration.heartbeat else { continue }
          try await write(Self.lines([loss.tree]))
          (told, at) = (loss, .now)
        }
      }
      try await group.next()
      group.cancelAll()
    }
  }

  private func loss(of follower: Int) -> FlowLoss {
    var loss = self.loss
    loss.records = state.withLock { $0.followers[follower]?.lost ?? 0 }
    return loss
  }

  /// What is missing so far.
  package var loss: FlowLoss {
    state.withLock { state in
      var loss = state.loss
      loss.packetsOverLimit = state.tally.untold
      loss.connections = state.book.displaced
      loss.reasons = state.reasons.sorted { $0.key.rawValue < $1.key.rawValue }.map(\.value)
      return loss
    }
  }

  private static func lines(_ trees: [JSON]) -> [UInt8] {
    var bytes: [UInt8] = []
    for tree in trees { bytes += tree.encoded() + [UInt8(ascii: "\n")] }
    return bytes
  }
}
