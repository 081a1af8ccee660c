import APIClient
import Foundation
import LinuxKernel
import NIOCore
import NIOPosix
import SwitchboardTesting

/// `switchboard server` as a process of its own, on the loopback address and on real files: for tests that kill it.
struct ServerProgram: Sendable {
  let folder: String
  let port: UInt16

  private static let limit = Duration.seconds(60)

  /// A running one, and a client of it.
  struct Running: Sendable {
    let process: ChildProcess
    let client: APIClient
    private let transport: HTTPTransport

    fileprivate init(_ process: ChildProcess, _ transport: HTTPTransport) {
      self.process = process
      self.transport = transport
      client = APIClient(transport: transport, name: "histories")
    }

    /// As nobody can prepare for: SIGKILL.
    func kill() async throws {
      try process.signal(SIGKILL)
      _ = try await process.exit()
      transport.close()
    }
  }

  init() async throws {
    folder = TestServer.temporaryDirectory()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0).get()
    port = UInt16(channel.localAddress?.port ?? 0)
    try await channel.close()
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  /// Starts it on what the one before left; returns when it answers.
  func start() async throws -> Running {
    let kubeconfig = "\(folder)/kubeconfig"
    var launcher = ProcessLauncher(
      Repository.program,
      [
        "server", "--data-dir", "\(folder)/data", "--advertise-address", "192.0.2.1", "--bind-address", "127.0.0.1",
        "--port", "\(port)", "--kubeconfig-out", kubeconfig,
      ])
    launcher.deathSignal = SIGKILL
    let process = try launcher.launch()
    let limit = ContinuousClock.now + Self.limit
    while true {
      if let running = try? Running(process, transport(kubeconfig)),
        (try? await running.client.raw(APIRequest(.get, "/readyz"))) != nil
      {
        return running
      }
      if let exit = try process.exitStatus() { throw HistoryFault("the server ended with \(exit)") }
      guard ContinuousClock.now < limit else {
        try process.signal(SIGKILL)
        throw HistoryFault("the server does not answer")
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  private func transport(_ kubeconfig: String) throws -> HTTPTransport {
    var configuration = try Kubeconfig(path: kubeconfig).configuration()
    guard let server = ServerAddress(url: "https://127.0.0.1:\(port)") else { throw HistoryFault("no address") }
    configuration.server = server
    configuration.server.tlsServerName = "kubernetes.default.svc"
    return try HTTPTransport(configuration: configuration)
  }
}
