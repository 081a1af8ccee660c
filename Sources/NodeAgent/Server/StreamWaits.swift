import NIOCore

extension Channel {
  /// Returns when the channel is closed, or the task is cancelled.
  func waitUntilClosed() async {
    let (never, ending) = AsyncStream.makeStream(of: Never.self)
    closeFuture.whenComplete { _ in ending.finish() }
    for await _ in never {}
  }
}

/// What `work` returns, or `nil` where that takes longer than `limit`; then it is cancelled.
func within<Value: Sendable>(
  _ limit: Duration, _ work: @escaping @Sendable () async -> Value?
) async -> Value? {
  await withTaskGroup(of: Value?.self) { group in
    group.addTask { await work() }
    group.addTask {
      // Cancelled when the work was done in time.
      try? await Task.sleep(for: limit)
      return nil
    }
    let first = await group.next() ?? nil
    group.cancelAll()
    return first
  }
}
