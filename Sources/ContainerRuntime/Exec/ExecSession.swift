package import NIOCore

/// A command to run inside a container with its streams open.
package struct ExecRequest: Sendable, Hashable {
  package var containerID: String
  package var command: [String]
  package var hasInput: Bool
  package var hasOutput: Bool
  package var hasErrorOutput: Bool
  /// With a terminal everything the command prints is one stream.
  package var hasTerminal: Bool

  package init(
    containerID: String, command: [String], hasInput: Bool, hasOutput: Bool, hasErrorOutput: Bool, hasTerminal: Bool
  ) {
    self.containerID = containerID
    self.command = command
    self.hasInput = hasInput
    self.hasOutput = hasOutput
    self.hasErrorOutput = hasErrorOutput && !hasTerminal
    self.hasTerminal = hasTerminal
  }
}

/// Which stream a piece of output came from.
package enum ExecStream: Sendable, Hashable {
  case output
  case errorOutput
}

/// A command that runs inside a container, or the streams of its first process.
package protocol ExecSession: Sendable {
  /// Runs until the command has ended and everything it printed was handed to `receive`; returns its exit code.
  /// `receive` is awaited before more is read, so that a slow reader holds the command back.
  func run(receive: @escaping @Sendable (ExecStream, ByteBuffer) async throws -> Void) async throws -> Int32
  func write(_ bytes: ByteBuffer) async throws
  /// The command reads the end of its standard input.
  func closeInput() async throws
  func resize(width: UInt32, height: UInt32) async throws
}
