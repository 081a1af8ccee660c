import APIClient
import Glibc
import LinuxKernel

/// A server with a data folder of its own, in ``PrivateNetwork``.
struct ServerProcess: Sendable {
  let program: String
  let folder: String

  private static let limit = Duration.seconds(20)

  private var kubeconfig: String { "\(folder)/out/kubeconfig" }

  /// Starts the server, takes the time until `/readyz` answers 200 over TLS, and ends it.
  func timeToReady() async throws -> Duration {
    let (server, time) = try await launch()
    try await server.end()
    return time
  }

  /// Runs `body` with a server that is ready.
  func run(_ body: (RunningServer) async throws -> Void) async throws {
    let (server, _) = try await launch()
    do {
      try await body(server)
    } catch {
      try? await server.end()
      throw error
    }
    try await server.end()
  }

  private func launch() async throws -> (RunningServer, Duration) {
    try KernelFile.makeFolder("\(folder)/out")
    try FileTree.remove(kubeconfig)
    let files = try FolderWatch()
    try files.add("\(folder)/out")
    let log = try FileDescriptor.open("\(folder)/log", O_WRONLY | O_CREAT | O_APPEND)
    var launcher = ProcessLauncher(
      program,
      [
        "server", "--data-dir", "\(folder)/data", "--advertise-address", "\(PrivateNetwork.address)",
        "--kubeconfig-out", kubeconfig,
      ])
    launcher.standardOutput = log.rawValue
    launcher.standardError = log.rawValue
    launcher.deathSignal = SIGKILL
    let begin = ContinuousClock.now
    let server = RunningServer(child: try launcher.launch(), kubeconfig: kubeconfig)
    do {
      try await awaitKubeconfig(files, server.child)
      let ready = try await Deadline.run(Self.limit, "the server's /readyz") { try await answered() }
      return (server, ready - begin)
    } catch {
      try? await server.end()
      let words = (try? KernelFile.text("\(folder)/log")).map { "; its log:\n\($0.suffix(2000))" } ?? ""
      throw BenchError(.unexpected, "the server did not become ready: \(error)\(words)")
    }
  }

  /// The server writes the file shortly before it listens: no asking in vain before that.
  private func awaitKubeconfig(_ files: consuming FolderWatch, _ child: ChildProcess) async throws {
    let (watch, path) = (files.descriptor.rawValue, kubeconfig)
    let deadline = ContinuousClock.now + Self.limit
    while !KernelFile.exists(path) {
      let readable = try await BlockingThread.run {
        try Descriptors.waitReadable([watch, child.descriptor.rawValue], milliseconds: 1000)
      }
      if readable.contains(child.descriptor.rawValue) { throw BenchError(.unexpected, "it ended") }
      guard ContinuousClock.now < deadline else { throw BenchError(.timedOut, "no kubeconfig within \(Self.limit)") }
      try files.drain()
    }
  }

  /// The moment of the first good answer. Until the port is open each attempt is refused at once.
  private func answered() async throws -> ContinuousClock.Instant {
    let client = try APIClient.connect(kubeconfig: kubeconfig, name: "switchboard-bench")
    while true {
      do {
        _ = try await client.raw(APIRequest(.get, "/readyz", timeout: .seconds(5)))
        return .now
      } catch let error as APIError where error.code == .connection || error.httpStatus >= 500 {
        // Nothing tells when a port opens.
        try await Task.sleep(for: .microseconds(500))
      }
    }
  }
}
