internal import CLinux
internal import Glibc

/// Signals as readable events, for single-threaded programs that wait in one place.
///
/// Make it first thing, before any thread exists: it blocks the signals for the calling thread and those made later.
/// Children start with nothing blocked.
package struct SignalQueue: ~Copyable, Sendable {
  /// Readable while a signal waits.
  package let descriptor: FileDescriptor

  package struct Arrival: Sendable, Hashable {
    package let signal: Int32
    /// The kernel sent it, such as a terminal's Ctrl-C, which the whole foreground group got.
    package let isFromKernel: Bool
  }

  package init(_ signals: [Int32]) throws(KernelError) {
    descriptor = FileDescriptor(adopting: try systemCall("signalfd") { swb_signalfd(signals, signals.count) })
  }

  /// The next signal, or `nil` where none is waiting.
  package borrowing func take() throws(KernelError) -> Arrival? {
    let raw = descriptor.rawValue
    var fromKernel: Int32 = 0
    let signal = try systemCall("read signalfd") { swb_signalfd_take(raw, &fromKernel) }
    return signal == 0 ? nil : Arrival(signal: signal, isFromKernel: fromKernel != 0)
  }
}

/// Waiting for several descriptors at once on the calling thread.
package enum Descriptors {
  /// Blocks until one of `descriptors` is readable or `milliseconds` passed (negative: without bound).
  /// Returns the readable ones; none after the time.
  package static func waitReadable(
    _ descriptors: [Int32], milliseconds: Int32 = -1
  ) throws(KernelError) -> [Int32] {
    var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    try systemCall("poll") { poll(&polled, nfds_t(polled.count), milliseconds) }
    return polled.filter { $0.revents != 0 }.map(\.fd)
  }
}
