package import NIOCore
import NIOPosix
package import SwiftProtobuf

/// Calls a gRPC server on a unix socket; connects when first needed and again after a loss.
///
/// A call that was sent is never repeated: the server may have acted on it. A call whose stream could not be opened
/// was not sent and goes out on a fresh connection.
package actor GRPCClient {
  private let path: String
  private let metadata: [(String, String)]
  private let group: any EventLoopGroup
  private var connection: GRPCConnection?
  private var connecting: Task<GRPCConnection, any Error>?

  /// - Parameter metadata: request headers for every call, as containerd's `containerd-namespace`.
  package init(
    socketPath: String, metadata: [(String, String)] = [],
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
  ) {
    path = socketPath
    self.metadata = metadata
    self.group = group
  }

  /// One request, one answer. `nil` waits for as long as it takes.
  package nonisolated func unary<Request: Message, Answer: Message>(
    _ method: String, _ request: Request, returning: Answer.Type = Answer.self, timeout: TimeAmount? = .seconds(120)
  ) async throws -> Answer {
    let bytes: [UInt8] = try request.serializedBytes()
    let call = UnaryCall(loop: group.any(), method: method)
    let (connection, stream): (GRPCConnection, any Channel)
    do {
      (connection, stream) = try await open { call.receive($0) }
    } catch {
      call.fail(ContainerRuntimeError(.unavailable, "\(method) was not sent", cause: error))
      throw error
    }
    call.start(stream: stream, timeout: timeout)
    let answer: ByteBuffer = try await withTaskCancellationHandler {
      connection.send(bytes, to: method, metadata: metadata, timeout: timeout, on: stream)
      return try await call.answer()
    } onCancel: {
      call.fail(ContainerRuntimeError(.cancelled, "\(method) was cancelled"))
      stream.close(promise: nil)
    }
    do {
      return try Answer(serializedBytes: Array(answer.readableBytesView))
    } catch {
      throw ContainerRuntimeError(.malformedAnswer, "the answer to \(method) cannot be decoded", cause: error)
    }
  }

  /// One request, any number of answers until the server or the consumer ends it.
  package nonisolated func serverStream<Request: Message, Answer: Message>(
    _ method: String, _ request: Request, returning: Answer.Type = Answer.self
  ) async throws -> AsyncThrowingStream<Answer, any Error> {
    let bytes: [UInt8] = try request.serializedBytes()
    let (answers, continuation) = AsyncThrowingStream<Answer, any Error>.makeStream()
    let (connection, stream) = try await open { event in
      switch event {
      case .message(let buffer):
        do {
          continuation.yield(try Answer(serializedBytes: Array(buffer.readableBytesView)))
        } catch {
          continuation.finish(
            throwing: ContainerRuntimeError(.malformedAnswer, "an answer of \(method) cannot be decoded", cause: error))
        }
      case .success: continuation.finish()
      case .failure(let code, let message):
        continuation.finish(throwing: ContainerRuntimeError(code, "\(method): \(message)"))
      }
    }
    continuation.onTermination = { _ in stream.close(promise: nil) }
    connection.send(bytes, to: method, metadata: metadata, timeout: nil, on: stream)
    return answers
  }

  /// Closes the connection; running calls fail with `unavailable`. A later call connects anew.
  package func disconnect() async {
    let open = connection
    connection = nil
    await open?.close()
  }

  private func open(
    deliver: @escaping @Sendable (GRPCResponseParser.Event) -> Void
  ) async throws -> (GRPCConnection, any Channel) {
    let first = try await connected()
    do {
      return (first, try await first.open(deliver: deliver))
    } catch {
      await drop(first)
      let second = try await connected()
      do {
        return (second, try await second.open(deliver: deliver))
      } catch {
        await drop(second)
        throw ContainerRuntimeError(.unavailable, "no call can be opened on \(path)", cause: error)
      }
    }
  }

  private func drop(_ broken: GRPCConnection) async {
    if connection === broken { connection = nil }
    await broken.close()
  }

  private func connected() async throws -> GRPCConnection {
    if let connection, connection.isActive { return connection }
    if let connecting { return try await connecting.value }
    let task = Task { [path, group] in
      do {
        return try await GRPCConnection.connect(path: path, group: group)
      } catch {
        throw ContainerRuntimeError(
          .unavailable, "cannot connect to the container runtime at \(path); is containerd running there?",
          cause: error)
      }
    }
    // Joined by the value below and by every caller that arrives meanwhile.
    connecting = task
    defer { connecting = nil }
    let fresh = try await task.value
    connection = fresh
    return fresh
  }
}
