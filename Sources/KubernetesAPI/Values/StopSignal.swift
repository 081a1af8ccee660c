/// The signals a pod may name in `lifecycle.stopSignal`: Linux's by their names, with their numbers on every
/// architecture containers run on here (signal(7)).
package enum StopSignal {
  private static let plain = [
    "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV",
    "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN",
    "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
  ]
  /// The C library keeps the first two real-time signals for itself.
  private static let realtime: ClosedRange<UInt32> = 34...64

  private static let numbers: [String: UInt32] = {
    var numbers: [String: UInt32] = ["SIGIOT": 6, "SIGPOLL": 29, "SIGCLD": 17]
    for (index, name) in plain.enumerated() { numbers[name] = UInt32(index + 1) }
    numbers["SIGRTMIN"] = realtime.lowerBound
    numbers["SIGRTMAX"] = realtime.upperBound
    for offset in UInt32(1)...15 { numbers["SIGRTMIN+\(offset)"] = realtime.lowerBound + offset }
    for offset in UInt32(1)...14 { numbers["SIGRTMAX-\(offset)"] = realtime.upperBound - offset }
    return numbers
  }()

  package static var names: [String] { Array(numbers.keys) }

  package static func number(_ name: String) -> UInt32? { numbers[name] }
}
