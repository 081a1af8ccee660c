import LinuxKernel

/// Lets one waiting thread go.
final class StartSignal: Sendable {
  private let pipe: Pipe

  init() throws { pipe = try Pipe() }

  func go() throws { try pipe.write([1]) }

  /// Sends the thread home.
  func callOff() { try? pipe.write([0]) }

  /// Blocks until ``go()`` (true) or ``callOff()`` (false).
  func wait() throws -> Bool { try pipe.read.read(upTo: 1) == [1] }
}
