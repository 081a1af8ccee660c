import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Bytes over TLS, without a look at the certificate.
struct TLSClient: Sendable {
  struct Failure: Error {}

  private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  private let received: Received

  /// What has come and was not taken yet.
  private final class Received: Sendable {
    private let state = Mutex<(bytes: [UInt8], isOver: Bool)>(([], false))

    func append(_ bytes: ByteBuffer) { state.withLock { $0.bytes += bytes.readableBytesView } }
    func finish() { state.withLock { $0.isOver = true } }

    /// Takes the bytes from the front that `parse` makes something of, once they are there.
    func take<Result>(_ parse: ([UInt8]) -> (Result, Int)?) async throws -> Result {
      while true {
        let isOver = state.withLock(\.isOver)
        if let (result, count) = parse(state.withLock(\.bytes)) {
          state.withLock { $0.bytes.removeFirst(count) }
          return result
        }
        guard !isOver else { throw Failure() }
        try await Task.sleep(for: .milliseconds(1))
      }
    }
  }

  static func connect(port: Int, _ body: @Sendable @escaping (TLSClient) async throws -> Void) async throws {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateVerification = .none
    let context = try NIOSSLContext(configuration: configuration)
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
          return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    try await channel.executeThenClose { inbound, outbound in
      let received = Received()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          defer { received.finish() }
          for try await bytes in inbound { received.append(bytes) }
        }
        try await body(TLSClient(outbound: outbound, received: received))
        group.cancelAll()
      }
    }
  }

  func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

  func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

  /// Whatever has come, at least a byte.
  func readSome() async throws -> [UInt8] { try await received.take { $0.isEmpty ? nil : ($0, $0.count) } }

  /// Everything up to and with `end`.
  func read(through end: String) async throws -> String {
    try await received.take { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      guard let range = text.firstRange(of: end) else { return nil }
      let taken = String(text[..<range.upperBound])
      return (taken, taken.utf8.count)
    }
  }

  // MARK: WebSocket (RFC 6455)

  /// - Parameter opcode: 2 is a message of bytes, 0 goes on with one.
  func send(frame payload: [UInt8], opcode: UInt8 = 2, isLast: Bool = true) async throws {
    precondition(payload.count < 126)
    // A mask of zeros changes nothing.
    try await send([(isLast ? 0x80 : 0) | opcode, 0x80 | UInt8(payload.count), 0, 0, 0, 0] + payload)
  }

  func readFrame() async throws -> (opcode: UInt8, payload: [UInt8]) {
    try await received.take { bytes in
      guard bytes.count >= 2 else { return nil }
      var start = 2
      var length = Int(bytes[1] & 0x7f)
      if length == 126 {
        guard bytes.count >= 4 else { return nil }
        (start, length) = (4, Int(bytes[2]) << 8 | Int(bytes[3]))
      }
      guard bytes.count >= start + length else { return nil }
      return ((bytes[0] & 0x0f, Array(bytes[start..<start + length])), start + length)
    }
  }
}
