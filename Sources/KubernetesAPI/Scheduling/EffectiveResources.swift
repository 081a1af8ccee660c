package import JSONTree

/// What a pod takes of its node and of quotas while its containers are being resized: of what it asks for, what the node
/// has set aside and what the containers have, the most.
package enum EffectiveResources {
  /// The pod with its containers' resources replaced by what they count for.
  package static func pod(_ pod: JSON) -> JSON {
    var result = pod
    // A resize that the node refuses for good asks for nothing. What was asked for later it has not judged yet.
    let judgement = pod.condition("PodResizePending")
    let judged = judgement?["observedGeneration"]?.int ?? pod.generation
    let isRefused = judgement?["reason"] == "Infeasible" && judged == pod.generation
    for (list, statuses) in [("containers", "containerStatuses"), ("initContainers", "initContainerStatuses")] {
      guard var containers = pod.spec[list]?.array, let told = pod.status[statuses]?.items else { continue }
      var isChanged = false
      for index in containers.indices {
        guard let status = told.first(where: { $0["name"] == containers[index]["name"] }) else { continue }
        let effective = resources(of: containers[index], status, isRefused: isRefused)
        guard let effective, effective != containers[index]["resources"] else { continue }
        containers[index]["resources"] = effective
        isChanged = true
      }
      if isChanged { result[path: "spec", list] = .array(containers) }
    }
    return result
  }

  /// `nil` where there is nothing to compare with.
  private static func resources(of container: JSON, _ status: JSON, isRefused: Bool) -> JSON? {
    let wanted = container["resources"]
    guard status["resources"] != nil || status["allocatedResources"] != nil else { return nil }
    let requests = [status[path: "resources", "requests"], status["allocatedResources"]]
    let limits = [status[path: "resources", "limits"]]
    var result = wanted ?? [:]
    result["requests"] = greatest((isRefused ? [] : [wanted?["requests"]]) + requests)
    result["limits"] = greatest((isRefused ? [] : [wanted?["limits"]]) + limits)
    return result
  }

  private static func greatest(_ lists: [JSON?]) -> JSON? {
    guard var result = lists.compactMap({ $0 }).first else { return nil }
    for list in lists.compactMap({ $0 }).dropFirst() where list != result {
      for member in list.object?.members ?? [] {
        guard let amount = try? Quantity(json: member.value) else { continue }
        let known = result[member.key].flatMap { try? Quantity(json: $0) }
        if known.map({ $0 < amount }) ?? true { result[member.key] = member.value }
      }
    }
    return result
  }
}
