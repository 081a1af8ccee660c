import APIClient
import ArgumentParser
import KubernetesAPI
import Lab

struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "Try NetworkPolicies out before they are enforced.",
    subcommands: [PolicyAuditCommand.self])
}

struct PolicyAuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Show what policies that are tried out would have denied.",
    discussion: """
      A NetworkPolicy with the annotation \(PolicyAuditAnnotation.name)=true is tried out: it is not enforced, and the nodes
      count the connections that would have been denied if all such policies were. Events of the policy tell of them too.

        kubectl annotate networkpolicy -n shop default-deny \(PolicyAuditAnnotation.name)=true
        switchboard policy audit -n shop
        kubectl annotate networkpolicy -n shop default-deny \(PolicyAuditAnnotation.name)-

      Counts are the agents': they begin anew with an agent, and a policy's go once it is enforced or deleted.
      """)

  @Argument(help: "One policy's name; without it all of the namespace.") var name: String?
  @Option(name: .shortAndLong, help: "The policies' namespace.") var namespace = "default"
  @Flag(name: [.customShort("A"), .long], help: "Policies of all namespaces.") var allNamespaces = false
  @OptionGroup var api: APIOptions
  @Option(name: .shortAndLong, help: "text, or json for scripts.") var output = OutputFormat.text

  func validate() throws {
    if allNamespaces, name != nil { throw ValidationError("one policy is in one namespace: use -n, not -A") }
  }

  func run() async throws {
    let summary = try await AuditSummary(try api.client()).narrowed(to: isAsked)
    output.show(summary.text, summary.tree)
    if output == .text { for loss in summary.losses { StandardError.write("\(loss)\n") } }
  }

  private func isAsked(_ policy: String) -> Bool {
    if allNamespaces { return true }
    return name.map { policy == "\(namespace)/\($0)" } ?? policy.hasPrefix("\(namespace)/")
  }
}
