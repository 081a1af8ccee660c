import NIOCore

/// A stream whose end is told of, whichever way it comes.
final class AuditedStream: ResponseStream {
  private let stream: any ResponseStream
  private let ended: @Sendable () -> Void

  init(_ stream: any ResponseStream, ended: @escaping @Sendable () -> Void) {
    self.stream = stream
    self.ended = ended
  }

  func next() async throws -> ByteBuffer? {
    do {
      let part = try await stream.next()
      if part == nil { ended() }
      return part
    } catch {
      ended()
      throw error
    }
  }

  func cancel() {
    stream.cancel()
    ended()
  }
}
