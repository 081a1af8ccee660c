import ContainerRuntime
import NIOCore

/// A command to be run in a container, or its first process to be joined, for a client at the end of some connection.
struct CommandRequest: Sendable {
  enum Kind: Sendable {
    case exec, attach
  }

  let kind: Kind
  let request: ExecRequest
  let runtime: any RuntimeService

  private struct Disconnected: Error {}

  /// Runs to the end and returns how it ended; `nil` where the client has gone before.
  ///
  /// - Parameters:
  ///   - feed: hands what the client says to the session; returns when the client has gone.
  ///   - write: sends the client what the command prints.
  func run(
    feed: @escaping @Sendable (any ExecSession) async throws -> Void,
    write: @escaping @Sendable (ExecStream, ByteBuffer) async throws -> Void
  ) async -> RemoteCommand.Outcome? {
    do {
      let session = kind == .exec ? try await runtime.exec(request) : try await runtime.attach(request)
      return .exited(try await join(session, feed, write))
    } catch is Disconnected {
      return nil
    } catch is CancellationError {
      return nil
    } catch {
      let what = kind == .exec ? "error executing command in container" : "error attaching to container"
      return .failed("\(what): \(PodWorker.message(error))")
    }
  }

  private func join(
    _ session: any ExecSession, _ feed: @escaping @Sendable (any ExecSession) async throws -> Void,
    _ write: @escaping @Sendable (ExecStream, ByteBuffer) async throws -> Void
  ) async throws -> Int32 {
    try await withThrowingTaskGroup(of: Int32?.self) { group in
      group.addTask {
        try await session.run { stream, bytes in
          do { try await write(stream, bytes) } catch { throw Disconnected() }
        }
      }
      group.addTask {
        try? await feed(session)
        // Whoever asked has gone: the command ends with the group.
        throw Disconnected()
      }
      guard let first = try await group.next(), let code = first else { throw Disconnected() }
      group.cancelAll()
      return code
    }
  }

  /// Hands one message of the client's on. A command that reads no more, or has ended, is not disturbed by what is
  /// still sent to it.
  func take(_ message: RemoteCommand.Message, _ session: any ExecSession) async {
    switch message {
    case .input(let bytes):
      if request.hasInput, !bytes.isEmpty { try? await session.write(ByteBuffer(bytes: bytes)) }
    case .closeInput: if request.hasInput { try? await session.closeInput() }
    case .resize(let width, let height):
      if request.hasTerminal { try? await session.resize(width: width, height: height) }
    }
  }
}
