internal import Glibc

/// Carries blocking system calls away from the concurrency pool.
package enum BlockingThread {
  /// Runs `body` on a thread of its own and suspends until it returns. The thread resumes the caller as its last act
  /// and must not change namespaces (``NetworkNamespace/run(_:)`` does that with a join instead).
  package static func run<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      do {
        try start { continuation.resume(with: Result(catching: body)) }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  /// Runs `body` on a thread of its own, which ends with it, and returns at once. Like that of ``run(_:)`` it must not change
  /// namespaces.
  package static func start(_ body: @escaping @Sendable () -> Void) throws(KernelError) {
    var thread = pthread_t()
    let pointer = Unmanaged.passRetained(BlockingWork(body)).toOpaque()
    let code = pthread_create(&thread, nil, blockingMain, pointer)
    guard code == 0 else {
      Unmanaged<BlockingWork>.fromOpaque(pointer).release()
      throw KernelError(errno: code, operation: "pthread_create")
    }
    pthread_detach(thread)
  }
}

private final class BlockingWork: Sendable {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func blockingMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  Unmanaged<BlockingWork>.fromOpaque(argument!).takeRetainedValue().body()
  return nil
}
