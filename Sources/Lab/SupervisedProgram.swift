internal import Glibc
internal import LinuxKernel

/// One program a supervisor keeps running.
struct SupervisedProgram {
  let name: String
  let launcher: ProcessLauncher
  /// A file that has to be there before the first start; `nil`: none.
  let waitsFor: String?
  private(set) var process: ChildProcess?
  private var startedAt: ContinuousClock.Instant?
  /// When to start it next; `nil` while it runs.
  private(set) var due: ContinuousClock.Instant?
  private var policy = RestartPolicy()

  init(name: String, launcher: ProcessLauncher, waitsFor: String? = nil) {
    self.name = name
    self.launcher = launcher
    self.waitsFor = waitsFor
    due = .now
  }

  /// Whether its start only waits for its file.
  var isWaitingForFile: Bool {
    guard process == nil, let waitsFor else { return false }
    return !KernelFile.exists(waitsFor)
  }

  /// Starts it if its time has come. A failure to start counts as an end.
  mutating func startIfDue(now: ContinuousClock.Instant) -> (any Error)? {
    guard process == nil, let due, due <= now, !isWaitingForFile else { return nil }
    startedAt = now
    do {
      process = try launcher.launch()
      self.due = nil
      return nil
    } catch {
      ended(now: now)
      return error
    }
  }

  /// Notes its end and when it is to start again.
  mutating func ended(now: ContinuousClock.Instant) {
    process = nil
    due = now + policy.delay(afterRunning: startedAt.map { now - $0 } ?? .zero)
  }
}
