package import LinuxKernel

/// A program run to its end, with what it said.
package struct ProgramOutput: Sendable {
  package let exit: ProcessExit
  /// Standard output and standard error, as they came.
  package let text: String

  /// Runs a program on the calling thread. `input` becomes its standard input and must fit a pipe (64 KiB).
  package static func run(_ launcher: ProcessLauncher, input: [UInt8] = []) throws(KernelError) -> ProgramOutput {
    var launcher = launcher
    var output = try Pipe()
    var source = try Pipe()
    try source.write(input)
    source.closeWrite()
    launcher.standardInput = source.read.rawValue
    launcher.standardOutput = output.write
    launcher.standardError = output.write
    let child = try launcher.launch()
    output.closeWrite()
    let said = try output.read.readToEnd()
    return ProgramOutput(exit: try child.wait(), text: String(decoding: said, as: UTF8.self))
  }
}
