import JSONTree
import NIOCore
import SPDY
import SwiftProtobuf

extension CRIClient {
  /// Joins the streams of a container's first process, through the runtime's streaming server.
  package func attach(_ request: ExecRequest) async throws -> any ExecSession {
    let question = Runtime_V1_AttachRequest.with {
      $0.containerID = request.containerID
      $0.stdin = request.hasInput
      $0.stdout = request.hasOutput
      $0.stderr = request.hasErrorOutput
      $0.tty = request.hasTerminal
    }
    let answer: Runtime_V1_AttachResponse = try await runtimeCall("Attach", question)
    // SPDY and not WebSocket: in the version of the latter that containerd 1.6 has, standard input cannot be closed.
    let client = try await SPDYClient.connect(answer.url, version: "v4.channel.k8s.io", group: group)
    do {
      return try await ContainerAttach(client, request)
    } catch {
      client.channel.close(promise: nil)
      throw error
    }
  }
}

/// The streams of a container's first process. When they end, so does the session; whoever leaves before that leaves the
/// process alone.
final class ContainerAttach: ExecSession {
  private let client: SPDYClient
  private let error: SPDYStream
  private let input: SPDYStream?
  private let resizing: SPDYStream?
  private let outputs: [(ExecStream, SPDYStream)]

  init(_ client: SPDYClient, _ request: ExecRequest) async throws {
    self.client = client
    error = try await client.open(["streamtype": "error"])
    input = request.hasInput ? try await client.open(["streamtype": "stdin"]) : nil
    var outputs: [(ExecStream, SPDYStream)] = []
    if request.hasOutput { outputs.append((.output, try await client.open(["streamtype": "stdout"]))) }
    if request.hasErrorOutput { outputs.append((.errorOutput, try await client.open(["streamtype": "stderr"]))) }
    self.outputs = outputs
    resizing = request.hasTerminal ? try await client.open(["streamtype": "resize"]) : nil
  }

  func run(receive: @escaping @Sendable (ExecStream, ByteBuffer) async throws -> Void) async throws -> Int32 {
    defer { client.channel.close(promise: nil) }
    return try await withThrowingTaskGroup(of: Int32?.self) { group in
      for (stream, source) in outputs {
        group.addTask {
          while let bytes = try await Self.next(of: source) { try await receive(stream, bytes) }
          return nil
        }
      }
      group.addTask { [error] in
        var text = ByteBuffer()
        while let bytes = try await Self.next(of: error) { text.writeImmutableBuffer(bytes) }
        return try Self.code(of: text)
      }
      var code: Int32 = 0
      for try await result in group { if let result { code = result } }
      return code
    }
  }

  /// The streaming server ends its streams by resetting them.
  private static func next(of stream: SPDYStream) async throws -> ByteBuffer? {
    do {
      return try await stream.next()
    } catch let error as SPDYError {
      if case .streamReset = error.code { return nil }
      throw error
    }
  }

  /// What the streaming server says in the end: a `Status`, or nothing.
  private static func code(of text: ByteBuffer) throws -> Int32 {
    guard text.readableBytes > 0 else { return 0 }
    let status = try? JSON.parse(Array(text.readableBytesView))
    if status?["status"]?.string == "Success" { return 0 }
    throw ContainerRuntimeError(.internal, status?["message"]?.string ?? String(buffer: text))
  }

  func write(_ bytes: ByteBuffer) async throws { try await input?.write(bytes) }

  func closeInput() async throws { await input?.finish() }

  func resize(width: UInt32, height: UInt32) async throws {
    let size: JSON = ["Width": .int(Int64(width)), "Height": .int(Int64(height))]
    try await resizing?.write(ByteBuffer(bytes: size.encoded()))
  }
}
