internal import Glibc
package import LinuxKernel
internal import Synchronization

/// A lab that stays for several commands: a shell inside it runs what it is told, one command at a time.
///
/// The lab ends with ``end()``, or with this process, whose end closes the shell's input.
package final class LabSession: Sendable {
  package struct Output: Sendable {
    package let code: Int32
    /// Standard output and standard error, as they came, without the last line end.
    package let text: String
    package var lines: [String] { text.split(separator: "\n").map(String.init) }

    package init(code: Int32, text: String) {
      self.code = code
      self.text = text
    }
  }

  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  private struct Channel: ~Copyable {
    var input: Pipe?
    let output: FileDescriptor
    var commands = 0
  }

  /// `switchboard lab run`.
  package let process: ChildProcess
  private let channel: Mutex<Channel>

  /// Starts a lab and returns once its nodes are ready.
  package init(nodes: Int, images: [String] = [], arguments: [String] = []) throws {
    var launcher = ProcessLauncher(
      Repository.program,
      ["lab", "run", "--nodes", "\(nodes)"] + arguments
        + images.flatMap { ["--image", "\(Repository.root)/.tools/images/\($0).tar"] } + ["--", "bash"])
    let input = try Pipe()
    var output = try Pipe()
    launcher.standardInput = input.read.rawValue
    launcher.standardOutput = output.write
    launcher.standardError = 2
    process = try launcher.launch()
    output.closeWrite()
    channel = Mutex(Channel(input: input, output: try output.read.duplicate()))
    let greeting = try run(["true"], seconds: 120)
    guard greeting.code == 0 else { throw Failure(description: "the lab did not start: \(greeting.text)") }
  }

  /// Runs a command in the lab. `input` becomes its standard input.
  package func run(_ command: [String], input: String = "", seconds: Int = 60) throws -> Output {
    try channel.withLock { channel in
      channel.commands += 1
      let mark = "end-of-command-\(channel.commands)"
      let words = command.map { "'" + $0.replacing("'", with: "'\\''") + "'" }.joined(separator: " ")
      let script = """
        timeout \(seconds) \(words) 2>&1 <<'\(mark)'
        \(input)
        \(mark)
        printf '\\n%s %d\\n' \(mark) $?

        """
      try channel.input?.write(Array(script.utf8))
      return try Self.read(channel.output, until: mark, seconds: seconds + 10)
    }
  }

  private static func read(
    _ output: borrowing FileDescriptor, until mark: String, seconds: Int
  ) throws -> Output {
    let deadline = ContinuousClock.now + .seconds(seconds)
    var text = ""
    while true {
      if let end = text.firstRange(of: "\n\(mark) "), let line = text[end.upperBound...].firstIndex(of: "\n") {
        var said = withoutNoise(text[..<end.lowerBound])
        if said.last == "\n" { said.removeLast() }
        return Output(code: Int32(text[end.upperBound..<line]) ?? -1, text: said)
      }
      let left = deadline - .now
      guard left > .zero,
        try !Descriptors.waitReadable([output.rawValue], milliseconds: Int32(left.components.seconds * 1000 + 1))
          .isEmpty
      else { throw Failure(description: "no answer within \(seconds) s; so far: \(text)") }
      let part = try output.read(upTo: 64 << 10)
      guard !part.isEmpty else { throw Failure(description: "the lab ended; it said: \(text)") }
      text += String(decoding: part, as: UTF8.self)
    }
  }

  /// Without what some kubectls say of the empty message by which a server tells that a stream is open, where that comes
  /// before they are ready for it.
  private static func withoutNoise(_ text: Substring) -> String {
    let noise = "Unknown stream id 1, discarding message"
    guard text.contains(noise) else { return String(text) }
    return text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasSuffix(noise) }
      .joined(separator: "\n")
  }

  /// Runs a shell script in the lab; throws where it fails.
  @discardableResult
  package func shell(_ script: String, seconds: Int = 60) throws -> String {
    try check(try run(["bash", "-c", script], seconds: seconds), "sh: \(script)")
  }

  /// Runs kubectl in the lab; throws where it fails.
  @discardableResult
  package func kubectl(_ arguments: String..., input: String = "", seconds: Int = 60) throws -> String {
    try check(
      try run(["kubectl"] + arguments, input: input, seconds: seconds),
      "kubectl \(arguments.joined(separator: " "))")
  }

  /// Applies manifests.
  package func apply(_ manifests: String) throws { try kubectl("apply", "-f", "-", input: manifests) }

  private func check(_ output: Output, _ what: String) throws -> String {
    guard output.code == 0 else { throw Failure(description: "\(what): exit code \(output.code): \(output.text)") }
    return output.text
  }

  /// Ends the lab and waits until it is gone.
  @discardableResult
  package func end() throws -> ProcessExit {
    channel.withLock { $0.input = nil }
    return try process.wait()
  }
}
