package import NIOCore

/// One question to `grpc.health.v1.Health/Check` (gRPC Health Checking Protocol), over a connection of its own without
/// TLS.
package struct GRPCHealth: Sendable {
  package enum Answer: Sendable, Equatable {
    /// The number of the answer's `ServingStatus`: 0 UNKNOWN, 1 SERVING, 2 NOT_SERVING, 3 SERVICE_UNKNOWN.
    case status(UInt64)
    /// Until the time was over nobody spoke HTTP/2 there.
    case notConnected
    case failed(ContainerRuntimeError.Code, message: String)
  }

  private let host: String
  private let port: Int
  /// Empty asks for the server as a whole.
  private let service: String
  private let userAgent: String

  private static let method = "/grpc.health.v1.Health/Check"
  /// How long grpc-go waits before it connects anew.
  private static let reconnectDelay = Duration.seconds(1)

  package init(host: String, port: Int, service: String, userAgent: String) {
    self.host = host
    self.port = port
    self.service = service
    self.userAgent = userAgent
  }

  /// - Parameter timeout: for the connection and the answer together.
  package func check(timeout: Duration, group: any EventLoopGroup) async -> Answer {
    let deadline = ContinuousClock.now + timeout
    while true {
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .zero, !Task.isCancelled else { return .notConnected }
      if let connection = try? await GRPCConnection.connect(
        host: host, port: port, userAgent: userAgent, timeout: TimeAmount(left), group: group)
      {
        let answer = await ask(connection, until: deadline, group)
        await connection.close()
        return answer
      }
      // Cancellation is looked at above.
      try? await Task.sleep(until: min(deadline, ContinuousClock.now + Self.reconnectDelay), clock: .continuous)
    }
  }

  private func ask(
    _ connection: GRPCConnection, until deadline: ContinuousClock.Instant, _ group: any EventLoopGroup
  ) async -> Answer {
    let call = UnaryCall(loop: group.any(), method: Self.method)
    let left = TimeAmount(max(.milliseconds(1), ContinuousClock.now.duration(to: deadline)))
    do {
      let stream: any Channel
      do {
        stream = try await connection.open { call.receive($0) }
      } catch {
        call.fail(ContainerRuntimeError(.unavailable, "\(error)"))
        return .failed(.unavailable, message: "\(error)")
      }
      call.start(stream: stream, timeout: left)
      let answer: ByteBuffer = try await withTaskCancellationHandler {
        connection.send(request, to: Self.method, metadata: [], timeout: left, on: stream)
        return try await call.answer()
      } onCancel: {
        call.fail(ContainerRuntimeError(.cancelled, "\(Self.method) was cancelled"))
        stream.close(promise: nil)
      }
      guard let status = Self.status(in: answer) else {
        return .failed(.internal, message: "the answer cannot be decoded")
      }
      return .status(status)
    } catch let error as ContainerRuntimeError {
      return .failed(error.code, message: error.message)
    } catch {
      return .failed(.unknown(2), message: "\(error)")
    }
  }

  // MARK: Messages, which are one field each

  /// `HealthCheckRequest`: field 1, the service's name.
  private var request: [UInt8] {
    guard !service.isEmpty else { return [] }
    var length = service.utf8.count
    var bytes: [UInt8] = [0x0a]
    while length >= 0x80 {
      bytes.append(UInt8(length & 0x7f) | 0x80)
      length >>= 7
    }
    return bytes + [UInt8(length)] + service.utf8
  }

  /// `HealthCheckResponse`: field 1, an enumeration; what is not there is zero. Fields of later versions are skipped.
  static func status(in message: ByteBuffer) -> UInt64? {
    var message = message
    var status: UInt64 = 0
    while message.readableBytes > 0 {
      guard let tag = varint(&message) else { return nil }
      switch tag & 7 {
      case 0:
        guard let value = varint(&message) else { return nil }
        if tag == 0x08 { status = value }
      case 1: guard message.readSlice(length: 8) != nil else { return nil }
      case 2:
        guard let length = varint(&message), length <= UInt64(message.readableBytes) else { return nil }
        message.moveReaderIndex(forwardBy: Int(length))
      case 5: guard message.readSlice(length: 4) != nil else { return nil }
      default: return nil
      }
    }
    return status
  }

  private static func varint(_ message: inout ByteBuffer) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte: UInt8 = message.readInteger() else { return nil }
      value |= UInt64(byte & 0x7f) << shift
      if byte & 0x80 == 0 { return value }
    }
    return nil
  }
}
