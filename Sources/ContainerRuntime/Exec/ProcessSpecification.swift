package import JSONTree

/// The OCI `process` object of a command that joins a container: the container's own with other arguments.
///
/// Source: opencontainers/runtime-spec, config.md, "process".
package enum ProcessSpecification {
  package static let typeURL = "types.containerd.io/opencontainers/runtime-spec/1/Process"

  /// - Parameter container: the container's whole OCI configuration.
  package static func make(container: JSON, command: [String], hasTerminal: Bool) throws(ContainerRuntimeError) -> JSON
  {
    guard var process = container["process"] else {
      throw ContainerRuntimeError(.malformedAnswer, "the container's OCI configuration names no process")
    }
    process["args"] = .array(command.map { .string($0) })
    process["terminal"] = .bool(hasTerminal)
    if hasTerminal {
      var environment = process["env"]?.items ?? []
      if !environment.contains(where: { $0.string?.hasPrefix("TERM=") == true }) { environment.append("TERM=xterm") }
      process["env"] = .array(environment)
    }
    return process
  }
}
