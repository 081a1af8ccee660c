import JSONTree
import KubernetesAPI

/// `lifecycle.stopSignal`: the signals of Linux by their names (signal(7)); the number of one on this machine's kind.
enum StopSignal {
  private static let names = [
    "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV",
    "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN",
    "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
  ]
  private static let others: [String: UInt32] = ["SIGIOT": 6, "SIGPOLL": 29, "SIGCLD": 17]
  /// As the C library counts them: it keeps two for itself.
  private static let realtime: ClosedRange<UInt32> = 34...64

  static func number(_ name: String) -> UInt32? {
    if let index = names.firstIndex(of: name) { return UInt32(index + 1) }
    if let number = others[name] { return number }
    if name == "SIGRTMIN" { return realtime.lowerBound }
    if name == "SIGRTMAX" { return realtime.upperBound }
    if name.hasPrefix("SIGRTMIN+"), let offset = UInt32(name.dropFirst(9)), offset > 0, offset <= 15 {
      return realtime.lowerBound + offset
    }
    if name.hasPrefix("SIGRTMAX-"), let offset = UInt32(name.dropFirst(9)), offset > 0, offset <= 14 {
      return realtime.upperBound - offset
    }
    return nil
  }

  /// Of a container; `nil` where it leaves the choice to its image.
  static func number(of container: JSON?) throws(NodeAgentError) -> UInt32? {
    guard let name = container?["lifecycle"]?["stopSignal"]?.string, !name.isEmpty else { return nil }
    guard let number = number(name) else {
      throw NodeAgentError(.createContainerConfigError, "stopSignal \(name) is not a signal of Linux")
    }
    return number
  }
}
