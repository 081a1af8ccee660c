import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// Keeps idle connections to one server for the requests to come.
final class HTTPConnectionPool: Sendable {
  struct Lease: Sendable {
    let channel: any Channel
    /// Whether the connection has carried a request before: the server may be closing it this very moment.
    let isReused: Bool
  }

  private struct State {
    var idle: [any Channel] = []
    var isClosed = false
  }

  private let server: ServerAddress
  private let tls: NIOSSLContext?
  private let group: any EventLoopGroup
  private let maximumIdle = 16
  private let state = Mutex(State())

  init(server: ServerAddress, tls: NIOSSLContext?, group: any EventLoopGroup) {
    self.server = server
    self.tls = tls
    self.group = group
  }

  /// An idle connection, or a new one. `fresh` asks for a new one.
  func lease(fresh: Bool = false) async throws -> Lease {
    let idle = try state.withLock { state -> (any Channel)? in
      if state.isClosed { throw APIError(.connection, "the client was closed") }
      while !fresh, let channel = state.idle.popLast() { if channel.isActive { return channel } }
      return nil
    }
    if let idle { return Lease(channel: idle, isReused: true) }
    return Lease(channel: try await connect(), isReused: false)
  }

  func giveBack(_ channel: any Channel) {
    let isKept = state.withLock { state in
      guard channel.isActive, !state.isClosed, state.idle.count < maximumIdle else { return false }
      state.idle.append(channel)
      return true
    }
    if !isKept { channel.close(promise: nil) }
  }

  func close() {
    let idle = state.withLock { state in
      state.isClosed = true
      defer { state.idle = [] }
      return state.idle
    }
    for channel in idle { channel.close(promise: nil) }
  }

  private func connect() async throws -> any Channel {
    let name = server.description
    let hostName = server.tlsServerName
    let tls = tls
    let bootstrap = ClientBootstrap(group: group)
      .connectTimeout(.seconds(5))
      .channelOption(.socketOption(.so_keepalive), value: 1)
      .channelOption(.tcpOption(KeepAlive.idle), value: 10)
      .channelOption(.tcpOption(KeepAlive.interval), value: 3)
      .channelOption(.tcpOption(KeepAlive.count), value: 4)
      .channelOption(.tcpOption(KeepAlive.userTimeout), value: 20_000)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if let tls { try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: hostName)) }
          try pipeline.addHTTPClientHandlers()
          try pipeline.addHandler(HTTPExchangeHandler(server: name))
        }
      }
    do {
      let channel = try await bootstrap.connect(host: server.host, port: server.port).get()
      channel.closeFuture.whenComplete { [weak self] _ in self?.forget(channel) }
      return channel
    } catch {
      throw APIError(.connection, "cannot connect to the API server at \(name); is it running?", cause: error)
    }
  }

  private func forget(_ channel: any Channel) {
    state.withLock { $0.idle.removeAll { $0 === channel } }
  }

  /// A peer that has vanished without closing is noticed within 20 s (`netinet/tcp.h`).
  private enum KeepAlive {
    static let idle = NIOBSDSocket.Option(rawValue: 4)  // TCP_KEEPIDLE
    static let interval = NIOBSDSocket.Option(rawValue: 5)  // TCP_KEEPINTVL
    static let count = NIOBSDSocket.Option(rawValue: 6)  // TCP_KEEPCNT
    static let userTimeout = NIOBSDSocket.Option(rawValue: 18)  // TCP_USER_TIMEOUT
  }
}
