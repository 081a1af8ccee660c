import ContainerRuntime
import LinuxKernel
import NIOCore
import NIOPosix

/// The ports of a pod as a process in it finds them on `localhost`.
struct PodPorts: Sendable {
  let namespace: NetworkNamespace
  /// Of the pod, for messages: `NAME_NAMESPACE, uid UID`.
  let pod: String

  typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>
  private static let seconds = 10
  private static let loopback: [(family: String, address: [UInt8])] = [
    ("IPv4", [127, 0, 0, 1]), ("IPv6", [UInt8](repeating: 0, count: 15) + [1]),
  ]

  /// Connects in the pod's network namespace, by IPv4 or else by IPv6. Throws what `kubectl port-forward` shows.
  func connect(_ port: UInt16) async throws -> Connection {
    var reasons: [String] = []
    for (family, address) in Self.loopback {
      do {
        let raw = try await BlockingThread.run { [namespace] in
          try namespace.run {
            try ConnectedSocket.stream(to: address, port: port, seconds: Self.seconds).release()
          }
        }
        return try await Self.wrap(raw)
      } catch {
        reasons.append("\(family): \(Self.reason(error))")
      }
    }
    throw NodeAgentError(
      .notFound,
      "error forwarding port \(port) to pod \(pod): failed to connect to localhost:\(port) inside the pod's network: "
        + reasons.joined(separator: ", "))
  }

  private static func wrap(_ raw: Int32) async throws -> Connection {
    try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .withConnectedSocket(raw) { channel in
        channel.eventLoop.makeCompletedFuture {
          try Connection(
            wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        }
      }
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? KernelError else { return "\(error)" }
    return error.description
  }
}

extension PodPorts {
  /// Carries bytes both ways until both sides have ended.
  /// - Parameters:
  ///   - receive: the client's next bytes; `nil` when it sends no more.
  ///   - send: gives the client bytes; `nil` says that no more will come.
  /// - Throws: what broke either side. The other is given up then.
  static func join(
    _ connection: Connection, receive: @escaping @Sendable () async throws -> ByteBuffer?,
    send: @escaping @Sendable (ByteBuffer?) async throws -> Void
  ) async throws {
    try await connection.executeThenClose { inbound, outbound in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          while let bytes = try await receive() { try await outbound.write(bytes) }
          outbound.finish()
        }
        group.addTask {
          for try await bytes in inbound { try await send(bytes) }
          try await send(nil)
        }
        do {
          while try await group.next() != nil {}
        } catch {
          group.cancelAll()
          throw error
        }
      }
    }
  }
}
