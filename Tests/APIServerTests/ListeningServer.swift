import APIClient
import APIServer
import Foundation
import KubernetesAPI
import NIOCore
import NIOPosix
import NIOSSL
import Testing

/// A server in this process that listens, with clients that show the administrator's certificate and none.
struct ListeningServer: Sendable {
  let server: APIServer
  let administrator: HTTPTransport
  let stranger: HTTPTransport
  /// The administrator's.
  let configuration: ClientConfiguration

  /// Runs `body` while a server listens.
  static func run(
    _ adjust: (inout APIServer.Configuration) -> Void = { _ in }, _ body: (ListeningServer) async throws -> Void
  ) async throws {
    let directory = TestServer.temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    var settings = TestServer.configuration(directory)
    settings.port = try await freePort()
    settings.kubeconfigOut = "\(directory)-kubeconfig"
    adjust(&settings)
    defer { try? FileManager.default.removeItem(atPath: "\(directory)-kubeconfig") }
    let server = try await APIServer(settings, logger: TestServer.logger)
    let running = Task { try await server.run() }
    var client = try Kubeconfig(path: "\(directory)-kubeconfig").configuration()
    client.server = try #require(ServerAddress(url: "https://127.0.0.1:\(settings.port)"))
    client.server.tlsServerName = "kubernetes.default.svc"
    let administrator = try HTTPTransport(configuration: client)
    let configuration = client
    client.clientCertificate = nil
    client.clientKey = nil
    let stranger = try HTTPTransport(configuration: client)
    let outcome: Result<Void, any Error>
    do {
      try await untilItListens(stranger)
      outcome = .success(
        try await body(
          ListeningServer(
            server: server, administrator: administrator, stranger: stranger, configuration: configuration)))
    } catch {
      outcome = .failure(error)
    }
    administrator.close()
    stranger.close()
    running.cancel()
    try await running.value
    try outcome.get()
  }

  /// Bytes over TLS, as the administrator.
  static func connect(
    _ configuration: ClientConfiguration, protocols: [String] = []
  ) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
    let tls = try tls(configuration, protocols: protocols)
    return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: configuration.server.port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: nil))
          return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
  }

  /// What a client shows of itself and asks for.
  static func tls(_ configuration: ClientConfiguration, protocols: [String]) throws -> NIOSSLContext {
    var settings = TLSConfiguration.makeClientConfiguration()
    settings.applicationProtocols = protocols
    settings.certificateVerification = .none
    settings.certificateChain = try NIOSSLCertificate.fromPEMBytes(configuration.clientCertificate ?? [])
      .map { .certificate($0) }
    settings.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: configuration.clientKey ?? [], format: .pem))
    return try NIOSSLContext(configuration: settings)
  }

  private static func freePort() async throws -> UInt16 {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0).get()
    let port = channel.localAddress?.port ?? 0
    try await channel.close()
    return UInt16(port)
  }

  private static func untilItListens(_ transport: HTTPTransport) async throws {
    let limit = ContinuousClock.now + .seconds(10)
    while true {
      do {
        _ = try await transport.send(APIRequest(.get, "/readyz"))
        return
      } catch {
        guard ContinuousClock.now < limit else { throw error }
        try await Task.sleep(for: .milliseconds(20))
      }
    }
  }
}
