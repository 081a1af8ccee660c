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
      steps: Self.steps(departure["steps"]))
    explanation.ways = await follow(
      departure["ways"]?.items ?? [], sendingNode: departure["sendingNode"]?.string, client)
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
      // By the node that is sent to, else by any.
      let nodes = try await client.list(.nodes).items
      let place = try ExplainTarget(target, namespace: namespace).place
      let owner = nodes.first { node in
        guard case .address(let address) = place else { return false }
        return (node.status["addresses"]?.items ?? []).contains { $0["address"]?.string == "\(address)" }
      }
      guard let node = owner?.name ?? nodes.map(\.name).min() else { throw ExplainError("the cluster has no node") }
      return node
    }
  }

  private static let atOnce = 16

  /// Each way to its end, in their order, some at a time.
  private func follow(_ ways: [JSON], sendingNode: String?, _ client: APIClient) async -> [Explanation.Way] {
    await withTaskGroup(of: (Int, Explanation.Way).self) { group in
      var results: [Int: Explanation.Way] = [:]
      for (index, way) in ways.enumerated() {
        if index >= Self.atOnce, let (done, result) = await group.next() { results[done] = result }
        group.addTask { (index, await follow(way, sendingNode: sendingNode, client)) }
      }
      for await (done, result) in group { results[done] = result }
      return results.sorted { $0.key < $1.key }.map(\.value)
    }
  }

  private func follow(_ way: JSON, sendingNode: String?, _ client: APIClient) async -> Explanation.Way {
    let address = way["address"]?.string ?? ""
    let port = way["port"]?.int ?? 0
    var result = Explanation.Way(
      address: address, port: port, pod: way["pod"]?.string, node: way["node"]?.string,
      steps: Self.steps(way["steps"]))
    guard let receiver = result.node else {
      result.steps.append(ExplainStep(.listening, .unknown, "\(address) is outside the cluster"))
      return result
    }
    var query = [
      "source": way["source"]?.string ?? "", "destination": address, "port": "\(port)", "protocol": transport,
    ]
    query["sendingNode"] = way["isMasked"]?.bool == true ? nil : sendingNode
    query["pod"] = result.pod
    do {
      result.steps += Self.steps(try await ask(client, receiver, "arrival", query))
    } catch let fault as ExplainError {
      result.steps.append(ExplainStep(.ingress, .unknown, fault.description))
    } catch {
      result.steps.append(ExplainStep(.ingress, .unknown, "node \(receiver) does not answer: \(error)"))
    }
    return result
  }

  /// A step that cannot be read, as of an agent of another version, may be the one that decides.
  private static func steps(_ list: JSON?) -> [ExplainStep] {
    (list?.items ?? []).map { tree in
      ExplainStep(tree) ?? ExplainStep(.listening, .unknown, tree["text"]?.string ?? "a step that is not known here")
    }
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
    var request = APIRequest(part == "probe" ? .post : .get, "/api/v1/nodes/\(node)/proxy/explain/\(part)")
    request.query = query.sorted { $0.key < $1.key }.map { NamedValue($0.key, $0.value) }
    let answer = try JSON.parse(try await client.raw(request).body)
    if let fault = answer["fault"]?.string { throw ExplainError(fault) }
    return answer
  }
}
