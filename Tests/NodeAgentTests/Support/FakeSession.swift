import ContainerRuntime
import NIOCore
import Synchronization

/// A command that prints what it reads, and ends with a code of the test's choice when its input ends or it is told to.
final class FakeSession: ExecSession {
  struct BrokenPipe: Error {}

  private let input: AsyncStream<ByteBuffer>
  private let feed: AsyncStream<ByteBuffer>.Continuation
  private let code: Int32
  private let readsInput: Bool
  private let seen = Mutex<[String]>([])

  /// - Parameter readsInput: whether writes to it succeed.
  init(code: Int32, readsInput: Bool = true) {
    self.code = code
    self.readsInput = readsInput
    (input, feed) = AsyncStream.makeStream()
  }

  /// Sizes it was told.
  var notes: [String] { seen.withLock { $0 } }

  /// The command ends by itself.
  func end() { feed.finish() }

  func run(receive: @escaping @Sendable (ExecStream, ByteBuffer) async throws -> Void) async throws -> Int32 {
    for await bytes in input { try await receive(.output, bytes) }
    try Task.checkCancellation()
    try await receive(.errorOutput, ByteBuffer(string: "bye"))
    return code
  }

  func write(_ bytes: ByteBuffer) async throws {
    guard readsInput else { throw BrokenPipe() }
    feed.yield(bytes)
  }

  func closeInput() async throws { feed.finish() }

  func resize(width: UInt32, height: UInt32) async throws { seen.withLock { $0.append("\(width)x\(height)") } }
}
