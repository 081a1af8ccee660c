internal import CLinux
internal import Glibc
internal import Synchronization

/// How a process ended.
package enum ProcessExit: Sendable, Hashable, CustomStringConvertible {
  case exited(Int32)
  case signalled(Int32)

  package var isSuccess: Bool { self == .exited(0) }
  /// The number a shell would report: the code, or 128 plus the signal.
  package var shellCode: Int32 {
    switch self {
    case .exited(let code): code
    case .signalled(let signal): 128 + signal
    }
  }
  package var description: String {
    switch self {
    case .exited(let code): "exit code \(code)"
    case .signalled(let signal): "signal \(signal)"
    }
  }
}

/// A child that was launched, referred to by a pidfd: its process id cannot be reused under us.
package final class ChildProcess: Sendable {
  package let pid: Int32
  /// Readable (poll, epoll) once the child has ended.
  package let descriptor: FileDescriptor
  private let status = Mutex<ProcessExit?>(nil)

  init(pid: Int32, descriptor: consuming FileDescriptor) {
    self.pid = pid
    self.descriptor = descriptor
  }

  /// Sends a signal; a child that has ended already is no error.
  package func signal(_ number: Int32) throws(KernelError) { try Processes.signal(descriptor, number) }

  /// How it ended, or `nil` while it runs. Reaps it.
  package func exitStatus() throws(KernelError) -> ProcessExit? {
    try status.withLock { (status) throws(KernelError) in
      if let status { return status }
      var code: Int32 = 0
      var value: Int32 = 0
      let raw = descriptor.rawValue
      let ended = try systemCall("waitid", "process \(pid)") { swb_wait_pidfd(raw, &code, &value) }
      guard ended == 1 else { return nil }
      // CLD_EXITED is 1; killed and dumped are 2 and 3 (bits/siginfo-consts.h).
      status = code == 1 ? .exited(value) : .signalled(value)
      return status
    }
  }

  /// Blocks the calling thread until the child has ended, or for `milliseconds` at most (`nil` then).
  package func wait(milliseconds: Int32) throws(KernelError) -> ProcessExit? {
    var target = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
    try systemCall("poll", "process \(pid)") { poll(&target, 1, milliseconds) }
    return try exitStatus()
  }

  /// Blocks the calling thread until the child has ended.
  package func wait() throws(KernelError) -> ProcessExit {
    while true {
      if let status = try wait(milliseconds: -1) { return status }
    }
  }

  /// Waits without blocking the caller's thread: a thread of its own waits. Cancellation does not end the wait;
  /// signal the child for that.
  package func exit() async throws -> ProcessExit {
    try await BlockingThread.run { try self.wait() }
  }

  /// Asks with SIGTERM, then after `graceMilliseconds` insists with SIGKILL; blocks until it has ended.
  @discardableResult
  package func terminate(graceMilliseconds: Int32) throws(KernelError) -> ProcessExit {
    try signal(SIGTERM)
    if let status = try wait(milliseconds: graceMilliseconds) { return status }
    try signal(SIGKILL)
    return try wait()
  }
}

/// Processes that are not our children.
package enum Processes {
  /// A descriptor that becomes readable when the process ends. ESRCH where there is none.
  package static func open(_ pid: Int32) throws(KernelError) -> FileDescriptor {
    FileDescriptor(adopting: try systemCall("pidfd_open", "process \(pid)") { swb_pidfd_open(pid) })
  }

  /// Sends a signal to the process that a pidfd refers to; one that has ended already is no error.
  package static func signal(_ process: borrowing FileDescriptor, _ number: Int32) throws(KernelError) {
    let raw = process.rawValue
    do {
      try systemCall("pidfd_send_signal") { swb_pidfd_send_signal(raw, number) }
    } catch {
      guard error.errno == ESRCH else { throw error }
    }
  }

  /// Reaps one child that has ended, ours or inherited, for the init of a PID namespace.
  /// `nil` where none is left that has ended.
  package static func reap() throws(KernelError) -> (pid: Int32, status: ProcessExit)? {
    var status: Int32 = 0
    let pid: Int32
    do {
      pid = try systemCall("waitpid") { swb_reap_any(&status) }
    } catch {
      // There are no children at all.
      guard error.errno == ECHILD else { throw error }
      return nil
    }
    guard pid > 0 else { return nil }
    let signal = status & 0x7f
    return (pid, signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal))
  }

  /// Orphans below us become our children instead of init's.
  package static func becomeSubreaper() throws(KernelError) {
    try systemCall("prctl PR_SET_CHILD_SUBREAPER") { swb_prctl_child_subreaper(1) }
  }

  /// This thread's process gets the signal when its parent ends.
  package static func dieWithParent(signal: Int32) throws(KernelError) {
    try systemCall("prctl PR_SET_PDEATHSIG") { swb_prctl_death_signal(signal) }
  }

  package static func setHostName(_ name: String) throws(KernelError) {
    try systemCall("sethostname", name) { swb_sethostname(name, name.utf8.count) }
  }
}
