import Glibc
import JSONTree
import LinuxKernel

/// The CNI plugin: hands what the container runtime asks to the node's agent and prints its answer.
///
/// The specification gives the interface: CNI_* in the environment, the network configuration on standard input, the
/// result or an error object on standard output, exit code 0 or 1.
@main
struct SwitchboardCNI {
  static func main() {
    let outcome = PluginCall(environment: environmentValue).run()
    print(outcome.output, terminator: outcome.output.isEmpty ? "" : "\n")
    exit(outcome.isSuccess ? 0 : 1)
  }

  private static func environmentValue(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
