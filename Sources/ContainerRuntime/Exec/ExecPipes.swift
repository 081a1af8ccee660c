import Glibc
import LinuxKernel

/// The named pipes of one interactive command, in a directory of their own.
struct ExecPipes: Sendable {
  let directory: String
  let input: String?
  let output: String?
  let errorOutput: String?

  init(directory: String, request: ExecRequest) throws {
    self.directory = directory
    input = request.hasInput ? "\(directory)/stdin" : nil
    output = request.hasOutput || request.hasTerminal ? "\(directory)/stdout" : nil
    errorOutput = request.hasErrorOutput && !request.hasTerminal ? "\(directory)/stderr" : nil
    do {
      try KernelFile.makeFolder(directory, mode: 0o700)
      for path in [input, output, errorOutput].compactMap({ $0 }) {
        try systemCall("mkfifo", path) { mkfifo(path, 0o600) }
      }
    } catch {
      remove()
      throw ContainerRuntimeError(.file, "cannot make the pipes of an interactive command", cause: error)
    }
  }

  /// Does not wait for a writer; the kernel reports the end only after there was one.
  static func openForReading(_ path: String) throws -> Int32 {
    try FileDescriptor.open(path, O_RDONLY | O_NONBLOCK).release()
  }

  /// For reading too: opening for writing alone fails until the other side reads.
  static func openForWriting(_ path: String) throws -> Int32 {
    try FileDescriptor.open(path, O_RDWR | O_NONBLOCK).release()
  }

  func remove() {
    for path in [input, output, errorOutput].compactMap({ $0 }) { unlink(path) }
    rmdir(directory)
  }
}
