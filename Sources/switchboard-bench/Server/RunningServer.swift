import Glibc
import LinuxKernel

/// A server process under load.
struct RunningServer: Sendable {
  let child: ChildProcess
  let kubeconfig: String

  /// Resident memory in megabytes.
  func residentMemory() throws -> Double { try ProcessMemory.resident(child.pid) }

  /// The processor time that the process has used so far, in seconds.
  func processorTime() throws -> Double {
    var clock = clockid_t()
    guard clock_getcpuclockid(child.pid, &clock) == 0 else {
      throw BenchError(.unexpected, "process \(child.pid) has no clock")
    }
    var time = timespec()
    try systemCall("clock_gettime", "process \(child.pid)") { clock_gettime(clock, &time) }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  func end() async throws {
    try await BlockingThread.run { [child] in _ = try child.terminate(graceMilliseconds: 5000) }
  }
}
