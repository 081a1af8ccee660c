// SwiftProtobuf's type for `bytes` is Data.
import FoundationEssentials
import JSONTree
import LinuxKernel
import NIOCore
import NIOPosix
import SwiftProtobuf
import Synchronization

extension CRIClient {
  private static let tasks = "/containerd.services.tasks.v1.Tasks/"

  /// Starts the command through containerd's task service, with named pipes for its streams.
  package func exec(_ request: ExecRequest) async throws -> any ExecSession {
    let record: Containerd_GetContainerResponse = try await containerd.unary(
      "/containerd.services.containers.v1.Containers/Get",
      Containerd_GetContainerRequest.with { $0.id = request.containerID })
    let specification: JSON
    do {
      specification = try ProcessSpecification.make(
        container: try JSON.parse(record.container.spec.value), command: request.command,
        hasTerminal: request.hasTerminal)
    } catch let error as JSONError {
      throw ContainerRuntimeError(.malformedAnswer, "the container's OCI configuration is not JSON", cause: error)
    }

    let id = "exec-" + Self.randomName()
    let pipes = try ExecPipes(directory: "\(pipeDirectory)/\(id)", request: request)
    do {
      let session = try await ContainerdExec(
        containerd: containerd, containerID: request.containerID, execID: id, pipes: pipes, group: group)
      do {
        try await session.start(specification: specification, hasTerminal: request.hasTerminal)
      } catch {
        await session.finish()
        throw error
      }
      return session
    } catch {
      pipes.remove()
      throw error
    }
  }

  private static func randomName() -> String {
    String(UInt64.random(in: .min ... .max), radix: 16) + String(UInt64.random(in: .min ... .max), radix: 16)
  }
}

/// A command in a container, run by containerd's task service.
final class ContainerdExec: ExecSession {
  private let containerd: GRPCClient
  private let containerID: String
  private let execID: String
  private let pipes: ExecPipes
  private let input: (any Channel)?
  private let outputs: [(ExecStream, NIOAsyncChannel<ByteBuffer, Never>)]
  private static let tasks = "/containerd.services.tasks.v1.Tasks/"

  init(
    containerd: GRPCClient, containerID: String, execID: String, pipes: ExecPipes, group: any EventLoopGroup
  ) async throws {
    self.containerd = containerd
    self.containerID = containerID
    self.execID = execID
    self.pipes = pipes
    var outputs: [(ExecStream, NIOAsyncChannel<ByteBuffer, Never>)] = []
    for (stream, path) in [(ExecStream.output, pipes.output), (.errorOutput, pipes.errorOutput)] {
      guard let path else { continue }
      let descriptor = try ExecPipes.openForReading(path)
      let channel = try await NIOPipeBootstrap(group: group).takingOwnershipOfDescriptor(input: descriptor) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, Never>(wrappingChannelSynchronously: channel)
        }
      }
      outputs.append((stream, channel))
    }
    self.outputs = outputs
    if let path = pipes.input {
      let descriptor = try ExecPipes.openForWriting(path)
      input = try await NIOPipeBootstrap(group: group).takingOwnershipOfDescriptor(output: descriptor).get()
    } else {
      input = nil
    }
  }

  func start(specification: JSON, hasTerminal: Bool) async throws {
    let exec = Containerd_ExecProcessRequest.with {
      $0.containerID = containerID
      $0.execID = execID
      $0.stdin = pipes.input ?? ""
      $0.stdout = pipes.output ?? ""
      $0.stderr = pipes.errorOutput ?? ""
      $0.terminal = hasTerminal
      $0.spec.typeURL = ProcessSpecification.typeURL
      $0.spec.value = Data(specification.encoded())
    }
    let _: Containerd_Empty = try await containerd.unary(Self.tasks + "Exec", exec)
    let start = Containerd_StartRequest.with {
      $0.containerID = containerID
      $0.execID = execID
    }
    let _: Containerd_StartResponse = try await containerd.unary(Self.tasks + "Start", start)
  }

  func run(
    receive: @escaping @Sendable (ExecStream, ByteBuffer) async throws -> Void
  ) async throws -> Int32 {
    do {
      let code = try await withThrowingTaskGroup(of: Int32?.self) { group in
        for (stream, channel) in outputs {
          group.addTask {
            try await channel.executeThenClose { inbound in
              for try await bytes in inbound { try await receive(stream, bytes) }
            }
            return nil
          }
        }
        group.addTask { [self] in
          let wait = Containerd_WaitRequest.with {
            $0.containerID = containerID
            $0.execID = execID
          }
          let answer: Containerd_WaitResponse = try await containerd.unary(Self.tasks + "Wait", wait, timeout: nil)
          return Int32(bitPattern: answer.exitStatus)
        }
        var code: Int32 = 0
        for try await result in group { if let result { code = result } }
        return code
      }
      await finish()
      return code
    } catch {
      // Whoever asked has gone or the runtime failed; the command must not stay behind. Not cancellable.
      let cleanup = Task { [self] in
        try? await kill(signal: 9)
        await finish()
      }
      await cleanup.value
      throw error
    }
  }

  func write(_ bytes: ByteBuffer) async throws {
    try await input?.writeAndFlush(bytes)
  }

  func closeInput() async throws {
    guard let input else { return }
    try? await input.close()
    let close = Containerd_CloseIORequest.with {
      $0.containerID = containerID
      $0.execID = execID
      $0.stdin = true
    }
    let _: Containerd_Empty = try await containerd.unary(Self.tasks + "CloseIO", close)
  }

  func resize(width: UInt32, height: UInt32) async throws {
    let resize = Containerd_ResizePtyRequest.with {
      $0.containerID = containerID
      $0.execID = execID
      $0.width = width
      $0.height = height
    }
    let _: Containerd_Empty = try await containerd.unary(Self.tasks + "ResizePty", resize)
  }

  private func kill(signal: UInt32) async throws {
    let kill = Containerd_KillRequest.with {
      $0.containerID = containerID
      $0.execID = execID
      $0.signal = signal
    }
    let _: Containerd_Empty = try await containerd.unary(Self.tasks + "Kill", kill)
  }

  /// Gives up what was made for a command that has ended or did not start.
  func finish() async {
    try? await delete()
    await closeChannels()
    pipes.remove()
  }

  private func delete() async throws {
    let delete = Containerd_DeleteProcessRequest.with {
      $0.containerID = containerID
      $0.execID = execID
    }
    let _: Containerd_DeleteResponse = try await containerd.unary(Self.tasks + "DeleteProcess", delete)
  }

  private func closeChannels() async {
    try? await input?.close()
    for (_, output) in outputs { try? await output.channel.close() }
  }
}
