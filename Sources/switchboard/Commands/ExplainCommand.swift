import APIClient
import ArgumentParser
import Explain
import Glibc
import JSONTree
import KubernetesAPI
import Lab
import NetworkTypes

struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Say why a packet gets through, or why it does not.",
    discussion: """
      Walks the way of a packet that opens a connection, step by step, each with the object that decides: name, Service,
      endpoints, the sender's policies, route, the receiver's policies, and whether anybody listens. The nodes answer for
      their parts, from what they have in force.

        switchboard explain -n shop pod/web svc/api.billing:80
        switchboard explain pod/web.shop db.billing.svc.cluster.local:5432 --probe
        switchboard explain node/worker-1 pod/web.shop:8080 --output json

      FROM is pod/NAME[.NAMESPACE], node/NAME or an address outside the cluster; TO is svc/NAME[.NAMESPACE]:PORT,
      pod/NAME[.NAMESPACE]:PORT, or a DNS name or an address with a port. Exit status: 0 reachable, 1 not, 2 unknown.
      """)

  @Argument(help: "Who sends.") var from: String
  @Argument(help: "Where to.") var to: String
  @Option(name: .shortAndLong, help: "The namespace of names without one.") var namespace = "default"
  @Option(name: .customLong("protocol"), help: "TCP, UDP or SCTP.") var transport = "TCP"
  @Flag(help: "Open a real connection from the sender too, and set what happened beside what was predicted.")
  var probe = false
  @Option(
    help: ArgumentHelp(
      "How to reach the API; without it $KUBECONFIG or the cluster of this machine.", valueName: "file"))
  var kubeconfig: String?
  @OptionGroup var state: StateOptions
  @Option(name: .shortAndLong, help: "text, or json for scripts.") var output = OutputFormat.text

  func validate() throws {
    do {
      _ = try ExplainSource(from, namespace: namespace)
      _ = try ExplainTarget(to, namespace: namespace)
    } catch let error as ExplainError {
      throw ValidationError(error.description)
    }
    guard TransportProtocol(rawValue: transport.uppercased()) != nil else {
      throw ValidationError("'\(transport)' is no protocol: use TCP, UDP or SCTP")
    }
  }

  private static func complain(_ text: String) {
    let line = Array("\(text)\n".utf8)
    _ = write(2, line, line.count)
  }

  func run() async throws {
    let client = try ClusterAccess.client(kubeconfig, state)
    let question = ExplainQuestion(
      source: try ExplainSource(from, namespace: namespace), target: to, namespace: namespace,
      transport: transport.uppercased(), probes: probe)
    let explanation: Explanation
    do {
      explanation = try await question.ask(client)
    } catch {
      // Not 1: that says that there is no way through.
      Self.complain("cannot explain: \(error)")
      throw ExitCode(2)
    }
    switch output {
    case .text: print(explanation.text, terminator: "")
    case .json: print(String(decoding: explanation.tree.encoded(indented: true), as: UTF8.self))
    }
    throw ExitCode(explanation.verdict.exitCode)
  }
}
