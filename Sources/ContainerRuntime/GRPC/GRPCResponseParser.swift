import NIOCore
import NIOHPACK
import NetworkTypes

/// The receiving half of one gRPC call as a state machine: HTTP/2 headers and data in, messages and the end out.
///
/// Source: gRPC over HTTP/2 (PROTOCOL-HTTP2.md).
struct GRPCResponseParser {
  enum Event: Equatable {
    case message(ByteBuffer)
    /// The call ended well.
    case success
    case failure(code: ContainerRuntimeError.Code, message: String)
  }

  /// containerd's own limit for one message is 16 MiB; lists of large nodes stay far below this.
  static let maximumMessageSize = 64 << 20

  private var buffer = ByteBuffer()
  private var isFinished = false
  private let limit: Int

  init(maximumMessageSize: Int = Self.maximumMessageSize) { limit = maximumMessageSize }

  /// Headers of the answer, or its trailers.
  mutating func receive(headers: HPACKHeaders) -> [Event] {
    guard !isFinished else { return [] }
    if let status = headers.first(name: "grpc-status") {
      isFinished = true
      guard let number = Int(status) else {
        return [.failure(code: .malformedAnswer, message: "the server sent grpc-status \(status), which is no number")]
      }
      if number == 0 {
        guard buffer.readableBytes == 0 else {
          return [.failure(code: .malformedAnswer, message: "the server's answer ends inside a message")]
        }
        return [.success]
      }
      let message = PercentEncoding.decode((headers.first(name: "grpc-message") ?? "")[...])
      return [.failure(code: .init(grpcStatus: number), message: message)]
    }
    if let status = headers.first(name: ":status"), status != "200" {
      isFinished = true
      return [.failure(code: .unavailable, message: "the server's endpoint answered with HTTP status \(status)")]
    }
    return []
  }

  /// A piece of the body; a message may be spread over several, and one piece may hold several messages.
  mutating func receive(data: inout ByteBuffer) -> [Event] {
    guard !isFinished else { return [] }
    if buffer.readableBytes == 0 {
      buffer = data
    } else {
      buffer.writeBuffer(&data)
    }
    var events: [Event] = []
    while buffer.readableBytes >= 5 {
      guard let compressed: UInt8 = buffer.getInteger(at: buffer.readerIndex),
        let length: UInt32 = buffer.getInteger(at: buffer.readerIndex + 1)
      else { break }
      guard compressed == 0 else {
        return events + [finish(.malformedAnswer, "the server sent a compressed message, which was not asked for")]
      }
      guard Int(length) <= limit else {
        return events + [
          finish(.malformedAnswer, "the server sent a message of \(length) bytes, over \(limit)")
        ]
      }
      guard buffer.readableBytes >= 5 + Int(length) else { break }
      buffer.moveReaderIndex(forwardBy: 5)
      guard let message = buffer.readSlice(length: Int(length)) else { break }
      events.append(.message(message))
    }
    return events
  }

  /// The stream closed without trailers, or was reset.
  mutating func receiveClose(_ reason: String) -> [Event] {
    guard !isFinished else { return [] }
    return [finish(.unavailable, reason)]
  }

  private mutating func finish(_ code: ContainerRuntimeError.Code, _ message: String) -> Event {
    isFinished = true
    return .failure(code: code, message: message)
  }
}
