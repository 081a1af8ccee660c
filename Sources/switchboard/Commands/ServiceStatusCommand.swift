import APIClient
import ArgumentParser
import JSONTree
import KubernetesAPI

struct ServiceStatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "service", abstract: "Show what each node does with traffic to a Service.",
    discussion: """
      Each node is asked for what its kernel holds, which is what happens to the next connection. Nodes whose answer
      differs from the others' are behind, or the Service keeps traffic on the node.

        switchboard status service web
        switchboard status service kube-dns --namespace kube-system --output json
      """)

  @Argument(help: "The Service.") var name: String
  @Option(name: .shortAndLong, help: "Its namespace.") var namespace = "default"
  @OptionGroup var api: APIOptions
  @Option(name: .shortAndLong, help: "text, or json for scripts.") var output = OutputFormat.text

  func run() async throws {
    let client = try api.client()
    // That there is none is better said by the API than by each node.
    _ = try await client.get(.services, namespace: namespace, name: name)
    let nodes = try await client.list(.nodes).items.map(\.name).sorted()
    let answers = await withTaskGroup(of: (String, JSON).self) { group in
      for node in nodes { group.addTask { (node, await ask(node, client)) } }
      return await group.reduce(into: [String: JSON]()) { $0[$1.0] = $1.1 }
    }
    let summary = ServiceStatus(name: ObjectName(namespace: namespace, name: name), answers: answers)
    output.show(summary.text, summary.tree)
  }

  /// A node's answer, or the reason why there is none.
  private func ask(_ node: String, _ client: APIClient) async -> JSON {
    do {
      let request = APIRequest(.get, "/api/v1/nodes/\(node)/proxy/services/\(namespace)/\(name)")
      return try JSON.parse(try await client.raw(request).body)
    } catch {
      return ["error": .string("\(error)")]
    }
  }
}
