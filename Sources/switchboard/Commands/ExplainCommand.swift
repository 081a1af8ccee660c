import APIClient
import ArgumentParser
import Explain
import JSONTree
import KubernetesAPI
import Lab
import LinuxKernel
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
        switchboard explain --matrix -n shop
        switchboard explain --with policy.yaml -n shop

      FROM is pod/NAME[.NAMESPACE], node/NAME or an address outside the cluster; TO is svc/NAME[.NAMESPACE]:PORT,
      pod/NAME[.NAMESPACE]:PORT, or a DNS name or an address with a port. Exit status: 0 reachable, 1 not, 2 unknown.
      """)

  @Argument(help: "Who sends.") var from: String?
  @Argument(help: "Where to.") var to: String?
  @Option(name: .shortAndLong, help: "The namespace of names without one.") var namespace = "default"
  @Option(name: .customLong("protocol"), help: "TCP, UDP or SCTP.") var transport = "TCP"
  @Flag(help: "Open a real connection from the sender too, and set what happened beside what was predicted.")
  var probe = false
  @Flag(help: "Print which pods of the namespace policies let reach which others, and where.")
  var matrix = false
  @Option(
    help: ArgumentHelp(
      "Say what would open or close between pods if the NetworkPolicies of this file were applied; nothing is changed.",
      valueName: "file"))
  var with: String?
  @OptionGroup var api: APIOptions
  @Option(name: .shortAndLong, help: "text, or json for scripts.") var output = OutputFormat.text

  func validate() throws {
    guard matrix || with != nil else { return try validateParties() }
    guard from == nil, to == nil, !probe, !(matrix && with != nil) else {
      throw ValidationError("--matrix and --with stand alone: they are about all pods, not about FROM and TO")
    }
  }

  private func validateParties() throws {
    guard let from, let to else { throw ValidationError("FROM and TO are missing; or use --matrix or --with FILE") }
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

  func run() async throws {
    do {
      let client = try api.client()
      if let with { return try await compare(with, client) }
      if matrix { return try await showMatrix(client) }
      let verdict = try await explain(client)
      throw ExitCode(verdict.exitCode)
    } catch let error as ExitCode {
      throw error
    } catch {
      // Not 1: that says that there is no way through.
      let reason = (error as? APIError)?.message ?? "\(error)"
      StandardError.write("cannot explain: \(reason)\n")
      throw ExitCode(2)
    }
  }

  private func explain(_ client: APIClient) async throws -> Explanation.Verdict {
    let question = ExplainQuestion(
      source: try ExplainSource(from ?? "", namespace: namespace), target: to ?? "", namespace: namespace,
      transport: transport.uppercased(), probes: probe)
    let explanation = try await question.ask(client)
    output.show(explanation.text, explanation.tree)
    return explanation.verdict
  }

  private func showMatrix(_ client: APIClient) async throws {
    let text = ReachText(reach: try await PolicyView(client).reach)
    output.show(text.matrix(namespace), text.matrixTree(namespace))
  }

  private func compare(_ file: String, _ client: APIClient) async throws {
    let text = String(decoding: try KernelFile.read(file), as: UTF8.self)
    let view = try await PolicyView(client)
    let changed = try await view.adding(file: text, namespace: namespace, client)
    let differences = view.reach.differences(to: changed.reach)
    output.show(ReachText.text(differences), ReachText.tree(differences))
  }
}
