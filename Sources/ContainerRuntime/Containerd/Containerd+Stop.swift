import Glibc
import LinuxKernel

extension Containerd {
  /// Ends every sandbox with its containers and network; for taking a node down for good.
  package func removeAllSandboxes() async throws {
    let client = client()
    do {
      for sandbox in try await client.sandboxes(labels: [:]) {
        try await client.stopSandbox(sandbox.id)
        try await client.removeSandbox(sandbox.id)
      }
    } catch {
      await client.disconnect()
      throw error
    }
    await client.disconnect()
  }

  /// Ends the daemon that ``start()`` left, and waits for its end; containers go on without it. Where none runs it
  /// does nothing.
  package func stop() async throws {
    guard let pid = runningProcessID else { return }
    try await BlockingThread.run {
      let process: FileDescriptor
      do {
        process = try Processes.open(pid)
      } catch let error as KernelError {
        if error.errno == ESRCH { return }
        throw error
      }
      for (signal, milliseconds) in [(SIGTERM, Int32(10_000)), (SIGKILL, Int32(5_000))] {
        Glibc.kill(pid, signal)
        var poll = pollfd(fd: process.rawValue, events: Int16(POLLIN), revents: 0)
        if Glibc.poll(&poll, 1, milliseconds) > 0 { break }
      }
    }
    unlink(configuration.processIDPath)
    unlink(configuration.socketPath)
  }

  /// The pid that was written down, where it still is a containerd under our configuration: the number may have gone
  /// to another process.
  var runningProcessID: Int32? {
    guard let line = KernelFile.firstLine(configuration.processIDPath), let pid = Int32(line),
      let commandLine = try? KernelFile.read("/proc/\(pid)/cmdline")
    else { return nil }
    let arguments = commandLine.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    return arguments.contains(configuration.configurationPath) ? pid : nil
  }
}
