/// A bound on how long one piece of work may take.
enum Deadline {
  /// Runs `body`; cancels it and throws ``BenchError`` where it takes longer than `limit`.
  static func run<Value: Sendable>(
    _ limit: Duration, _ what: String, _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
      group.addTask(operation: body)
      group.addTask {
        try await Task.sleep(for: limit)
        throw BenchError(.timedOut, "\(what): not within \(limit)")
      }
      defer { group.cancelAll() }
      guard let value = try await group.next() else { throw CancellationError() }
      return value
    }
  }
}
