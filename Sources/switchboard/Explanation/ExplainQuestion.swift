import APIClient
import Explain
import JSONTree
import KubernetesAPI
import NetworkTypes

/// Asks the nodes that have a part in a packet's way, and joins their answers.
struct ExplainQuestion: Sendable {
  let source: ExplainSource
  let target: String
  let namespace: String
  let transport: String
  let probes: Bool

  func ask(_ client: APIClient) async throws -> Explanation {
    let node = try await sendingNode(client)
    let departure = try await ask(
      client, node, "departure",
      ["from": source.description, "to": target, "namespace": namespace, "protocol": transport])
    var explanation = Explanation(
      source: source.description, target: target, transport: transport,
      steps: (departure["steps"]?.items ?? []).compactMap { ExplainStep($0) })
    let sender = departure["source"]?.string ?? ""
    for way in departure["ways"]?.items ?? [] {
      explanation.ways.append(try await follow(way, from: sender, sentBy: node, client))
    }
    if probes, let address = departure["address"]?.string, let port = departure["port"]?.int {
      explanation.probe = try await probe(client, node, address, port)
    }
    return explanation
  }

  /// The node that the packet is sent from, or enters the cluster by.
  private func sendingNode(_ client: APIClient) async throws -> String {
    switch source {
    case .node(let name): return name
    case .pod(let name):
      let pod = try await client.get(.pods, namespace: name.namespace, name: name.name)
      guard let node = pod.spec["nodeName"]?.string else {
        throw ExplainError("pod \(name) is on no node yet: see `kubectl describe pod`")
      }
      return node
    case .address:
      guard let node = try await client.list(.nodes).items.map(\.name).min() else {
        throw ExplainError("the cluster has no node")
      }
      return node
    }
  }

  private func follow(
    _ way: JSON, from sender: String, sentBy node: String, _ client: APIClient
  ) async throws -> Explanation.Way {
    let address = way["address"]?.string ?? ""
    let port = way["port"]?.int ?? 0
    var result = Explanation.Way(
      address: address, port: port, pod: way["pod"]?.string, node: way["node"]?.string,
      steps: (way["steps"]?.items ?? []).compactMap { ExplainStep($0) })
    guard let receiver = result.node else {
      result.steps.append(ExplainStep(.listening, .unknown, "\(address) is outside the cluster"))
      return result
    }
    var query = ["source": sender, "destination": address, "port": "\(port)", "protocol": transport]
    if case .node(let name) = source { query["sendingNode"] = name }
    do {
      let answer = try await ask(client, receiver, "arrival", query)
      result.steps += answer.items.compactMap { ExplainStep($0) }
    } catch {
      result.steps.append(ExplainStep(.ingress, .unknown, "node \(receiver) does not answer: \(error)"))
    }
    return result
  }

  private func probe(
    _ client: APIClient, _ node: String, _ address: String, _ port: Int64
  ) async throws -> ExplainStep? {
    if case .address = source { return ExplainStep(.probe, .unknown, "nothing can be sent from \(source)") }
    let answer = try await ask(
      client, node, "probe",
      [
        "from": source.description, "namespace": namespace, "destination": address, "port": "\(port)",
        "protocol": transport,
      ])
    return ExplainStep(answer)
  }

  private func ask(
    _ client: APIClient, _ node: String, _ part: String, _ query: [String: String]
  ) async throws -> JSON {
    var request = APIRequest(.get, "/api/v1/nodes/\(node)/proxy/explain/\(part)")
    request.query = query.sorted { $0.key < $1.key }.map { NamedValue($0.key, $0.value) }
    let answer = try JSON.parse(try await client.raw(request).body)
    if let fault = answer["fault"]?.string { throw ExplainError(fault) }
    return answer
  }
}
