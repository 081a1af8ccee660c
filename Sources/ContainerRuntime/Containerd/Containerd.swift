import Glibc
import LinuxKernel
package import Logging

/// A containerd of our own: started detached, so that it outlives whoever started it, and adopted when it runs already.
package struct Containerd: Sendable {
  package let configuration: ContainerdConfiguration
  private let logger: Logger

  package init(configuration: ContainerdConfiguration, logger: Logger) {
    self.configuration = configuration
    self.logger = logger
  }

  /// How long a start may take before it counts as failed. containerd alone needs about 100 ms.
  private static let startLimit = Duration.seconds(30)

  /// A client for it. `pipeDirectory` as in ``CRIClient/init(endpoint:pipeDirectory:group:)``.
  package func client(pipeDirectory: String? = nil) -> CRIClient {
    CRIClient(
      endpoint: configuration.socketPath, pipeDirectory: pipeDirectory ?? configuration.stateDirectory + "/exec")
  }

  /// Returns once CRI answers and the sandbox image is there: adopts a containerd that runs under this configuration,
  /// else starts one.
  /// - Returns: the process id of a daemon started here, `nil` for an adopted one.
  @discardableResult
  package func start() async throws -> Int32? {
    let client = client()
    do {
      let started: ChildProcess?
      if (try? await client.version()) != nil {
        logger.info("Adopted the running containerd.", metadata: ["socket": "\(configuration.socketPath)"])
        started = nil
      } else {
        let child = try launch()
        try await waitUntilReady(client, child: child)
        started = child
      }
      try await provideSandboxImage(client)
      await client.disconnect()
      return started?.pid
    } catch {
      await client.disconnect()
      throw error
    }
  }

  /// Whether a containerd answers on the socket.
  package func isRunning() async -> Bool {
    let client = client()
    let answer = try? await client.version()
    await client.disconnect()
    return answer != nil
  }

  private func launch() throws -> ChildProcess {
    guard let executable = configuration.executable ?? ProcessLauncher.find("containerd") else {
      throw ContainerRuntimeError(.program, "containerd is missing: apt-get install containerd")
    }
    guard ProcessLauncher.find("runc") != nil else {
      throw ContainerRuntimeError(.program, "runc is missing: apt-get install runc")
    }
    do {
      for folder in [
        configuration.rootDirectory, configuration.stateDirectory, configuration.networkConfigurationDirectory,
        Self.parent(of: configuration.logPath),
      ] { try KernelFile.makeFolder(folder, mode: 0o711) }
      try KernelFile.replace(configuration.configurationPath, with: Array(configuration.text.utf8), mode: 0o600)
      // A socket of a daemon that died would refuse connections until the new one replaces it.
      unlink(configuration.socketPath)
      let log = try FileDescriptor.open(configuration.logPath, O_WRONLY | O_CREAT | O_APPEND, mode: 0o640)
      var launcher = ProcessLauncher(executable, ["--config", configuration.configurationPath])
      launcher.standardOutput = log.rawValue
      launcher.standardError = log.rawValue
      launcher.newSession = true
      let child = try launcher.launch()
      try KernelFile.replace(configuration.processIDPath, with: Array("\(child.pid)\n".utf8))
      return child
    } catch {
      throw ContainerRuntimeError(.program, "containerd cannot be started", cause: error)
    }
  }

  /// A foreign program says by nothing but its answers that it is ready, so it is asked until it answers.
  private func waitUntilReady(_ client: CRIClient, child: ChildProcess) async throws {
    let deadline = ContinuousClock.now + Self.startLimit
    var last: any Error
    repeat {
      do {
        _ = try await client.version()
        _ = try await client.sandboxes(labels: [:])
        return
      } catch {
        last = error
      }
      if let exit = try child.exitStatus() {
        throw ContainerRuntimeError(.program, "containerd ended at once (\(exit)); it said: \(logTail())")
      }
      try await Task.sleep(for: .milliseconds(5))
    } while ContinuousClock.now < deadline
    _ = try? child.terminate(graceMilliseconds: 1000)
    throw ContainerRuntimeError(
      .program, "containerd did not answer within \(Self.startLimit); see \(configuration.logPath)", cause: last)
  }

  /// CRI learns of an import by an event, so the image is asked for until it shows.
  private func provideSandboxImage(_ client: CRIClient) async throws {
    guard configuration.sandboxImage == PauseImage.reference else { return }
    if try await client.image(PauseImage.reference) != nil { return }
    try await ImageImport(socketPath: configuration.socketPath)
      .load(archive: PauseImage.archive(), by: configuration.rootDirectory)
    let deadline = ContinuousClock.now + .seconds(10)
    while try await client.image(PauseImage.reference) == nil {
      guard ContinuousClock.now < deadline else {
        throw ContainerRuntimeError(.program, "containerd imported the sandbox image, but CRI does not show it")
      }
      try await Task.sleep(for: .milliseconds(2))
    }
  }

  private func logTail() -> String {
    let text = (try? KernelFile.text(configuration.logPath)) ?? ""
    return String(text.suffix(500))
  }

  private static func parent(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }
}
