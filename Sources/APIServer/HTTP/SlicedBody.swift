import HTTPTypes
import NIOConcurrencyHelpers
import NIOCore

/// A large body, handed on piece by piece: while the client reads one the next is being encrypted, and no more than one
/// waits in the connection.
final class SlicedBody: ResponseStream {
  /// Smaller bodies are written at once.
  private static let smallest = 512 << 10
  private static let piece = 256 << 10

  private let rest: NIOLockedValueBox<ByteBuffer>

  private init(_ body: ByteBuffer) { rest = NIOLockedValueBox(body) }

  /// The same answer, in pieces where it is large.
  static func sliced(_ response: APIServerResponse) -> APIServerResponse {
    guard case .buffer(let body) = response.body, body.readableBytes >= smallest else { return response }
    var response = response
    response.headers[.contentLength] = String(body.readableBytes)
    response.body = .stream(SlicedBody(body))
    return response
  }

  func next() async throws -> ByteBuffer? {
    try Task.checkCancellation()
    return rest.withLockedValue { rest in
      rest.readableBytes == 0 ? nil : rest.readSlice(length: min(Self.piece, rest.readableBytes))
    }
  }

  func cancel() { rest.withLockedValue { $0 = ByteBuffer() } }
}
