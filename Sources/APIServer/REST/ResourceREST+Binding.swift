import JSONTree
import KubernetesAPI

extension ResourceREST {
  /// `pods/binding`: puts a pod on a node, once.
  func bind(_ request: ResourceRequest) async throws(APIStatus) -> APIServerResponse {
    let body = try request.requiredBody().tree
    let node = body[path: "target", "name"]?.string ?? ""
    guard !node.isEmpty else {
      throw APIStatus(
        code: 422, reason: "Invalid",
        message: "Binding \"\(request.info.name)\" is invalid: target.name: Required value")
    }
    let name = request.name
    for _ in 0..<20 {
      guard let current = try registry.object(.pods, name) else { throw .notFound(.pods, name.name) }
      var pod = try current.tree()
      if let uid = body["metadata"]?["uid"]?.string, !uid.isEmpty, uid != pod.uid {
        throw .conflict(
          .pods, name.name, "Precondition failed: UID in precondition: \(uid), UID in object meta: \(pod.uid)")
      }
      if pod.isTerminating {
        throw .conflict(.pods, name.name, "pod \(name.name) is being deleted, cannot be assigned to a host")
      }
      if let host = pod[path: "spec", "nodeName"]?.string, !host.isEmpty {
        throw .conflict(.pods, name.name, "pod \(name.name) is already assigned to node \"\(host)\"")
      }
      pod[path: "spec", "nodeName"] = .string(node)
      for member in body.annotations { pod[path: "metadata", "annotations", member.key] = .string(member.value) }
      pod[path: "status", "conditions"] = .array(Self.scheduled(pod))
      if request.isDryRun { return Self.success(code: 201) }
      do {
        _ = try await registry.replace(.pods, pod, at: current.revision)
        return Self.success(code: 201)
      } catch {
        guard error.reason == "Conflict" else { throw error }
      }
    }
    throw .modified(.pods, name.name)
  }

  private static func scheduled(_ pod: JSON) -> [JSON] {
    (pod[path: "status", "conditions"]?.items ?? []).filter { $0["type"]?.string != "PodScheduled" } + [
      [
        "type": "PodScheduled", "status": "True", "lastProbeTime": .null,
        "lastTransitionTime": .string(Timestamp.now.description), "observedGeneration": .int(pod.generation),
      ]
    ]
  }

  static func success(code: Int) -> APIServerResponse {
    APIServerResponse(
      json: ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": .int(Int64(code))],
      code: code)
  }
}
