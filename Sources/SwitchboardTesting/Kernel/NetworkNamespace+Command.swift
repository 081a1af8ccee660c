package import LinuxKernel

extension NetworkNamespace {
  package struct CommandFailure: Error, CustomStringConvertible {
    package let description: String
  }

  /// Runs a program inside the namespace to its end and returns what it printed, errors included. Throws where it
  /// fails.
  @discardableResult
  package func command(_ program: String, _ arguments: String...) throws -> String {
    guard let path = ProcessLauncher.find(program) else {
      throw CommandFailure(description: "\(program) is not installed: `make setup` installs it")
    }
    var launcher = ProcessLauncher(path, arguments)
    launcher.joinedNamespaces = [descriptor.rawValue]
    var pipe = try Pipe()
    launcher.standardOutput = pipe.write
    launcher.standardError = pipe.write
    let child = try launcher.launch()
    pipe.closeWrite()
    let text = String(decoding: try pipe.read.readToEnd(), as: UTF8.self)
    let exit = try child.wait()
    guard exit.isSuccess else {
      throw CommandFailure(description: "\(program) \(arguments.joined(separator: " ")): \(exit): \(text)")
    }
    return text
  }
}
