import JSONTree
import KubernetesAPI

/// One entry of `containerStatuses`.
struct ContainerStatusBuilder: Sendable {
  enum Role: String, Sendable {
    case initial = "initContainerStatuses"
    case regular = "containerStatuses"
    case ephemeral = "ephemeralContainerStatuses"
  }

  let pod: JSON
  let previous: JSON
  let observation: PodObservation

  func status(of container: JSON, _ role: Role) -> JSON {
    let name = container.containerName
    let runs = observation.runtime.containers[name] ?? []
    let newest = runs.first
    let old = (previous[role.rawValue]?.items ?? []).first { $0.containerName == name }
    // What the runtime has forgotten ended as it was last told.
    if newest == nil, observation.waiting[name] == nil, let old, old["state"]?["terminated"] != nil { return old }
    var status: JSON = ["name": .string(name)]
    let mounts = Self.mounts(of: container)
    if !mounts.isEmpty { status["volumeMounts"] = .array(mounts) }
    if let signal = container["lifecycle"]?["stopSignal"] { status["stopSignal"] = signal }
    if newest != nil, role != .ephemeral { tellResources(of: container, in: &status) }
    status["state"] = state(newest, of: container)
    status["lastState"] = lastState(runs, old: old, isWaiting: status["state"]?["waiting"] != nil)
    // What ran before and is not there any more counts on.
    let isNew = newest == nil && old?["containerID"] == nil
    let isReady =
      switch role {
      case .initial where !container.isSidecar: newest?.state == .exited && newest?.exitCode == 0
      // Nothing depends on it.
      case .ephemeral: false
      default: observation.ready.contains(name)
      }
    status["ready"] = .bool(isReady)
    status["restartCount"] = newest.map { .int(Int64($0.attempt)) } ?? (isNew ? 0 : old?["restartCount"] ?? 0)
    status["image"] = .string(container.image)
    status["imageID"] = newest.map { .string($0.imageReference) } ?? old?["imageID"] ?? ""
    status["containerID"] = newest.map { .string("containerd://\($0.id)") } ?? old?["containerID"]
    guard role != .ephemeral else { return status }
    status["started"] = .bool(newest?.state == .running && observation.started.contains(name))
    return status
  }

  /// What the node has set aside for the container, and what it has got if it runs.
  private func tellResources(of container: JSON, in status: inout JSON) {
    let allocated = PodAllocation.resources(of: container)
    let isRunning = observation.runtime.isRunning(container.containerName)
    status["resources"] = (isRunning ? observation.actuated[container.containerName] : nil) ?? allocated
    if let requests = allocated["requests"], requests != [:] { status["allocatedResources"] = requests }
  }

  private static func mounts(of container: JSON) -> [JSON] {
    (container["volumeMounts"]?.items ?? []).map { mount in
      var result: JSON = [:]
      result["name"] = mount["name"]
      result["mountPath"] = mount["mountPath"]
      if mount["readOnly"]?.bool == true {
        result["readOnly"] = true
        result["recursiveReadOnly"] = "Disabled"
      }
      return result
    }
  }

  private func state(_ newest: PodRuntime.Container?, of container: JSON) -> JSON {
    let name = container.containerName
    if let newest {
      if newest.state == .running {
        return ["running": ["startedAt": .string(PodRuntime.timestamp(newest.startedAt).description)]]
      }
      if newest.state == .exited {
        if let waiting = observation.waiting[name], !observation.isTerminating,
          PodPlan.runsAgain(container, after: newest, in: pod)
        {
          return ["waiting": ["reason": .string(waiting.reason), "message": .string(waiting.message)]]
        }
        return ["terminated": terminated(newest)]
      }
    }
    if let waiting = observation.waiting[name] {
      var body: JSON = ["reason": .string(waiting.reason)]
      if !waiting.message.isEmpty { body["message"] = .string(waiting.message) }
      return ["waiting": body]
    }
    return ["waiting": ["reason": pod.initContainers.isEmpty ? "ContainerCreating" : "PodInitializing"]]
  }

  private func lastState(_ runs: [PodRuntime.Container], old: JSON?, isWaiting: Bool) -> JSON {
    // While a container waits to run again, its last end is what the newest run shows.
    let candidates = isWaiting ? runs[...] : runs.dropFirst()
    if let ended = candidates.first(where: { $0.state == .exited }) { return ["terminated": terminated(ended)] }
    // The run before may have been taken away.
    if let ended = old?["state"]?["terminated"],
      runs.first.map({ old?["containerID"]?.string != "containerd://\($0.id)" }) ?? true
    {
      return ["terminated": ended]
    }
    return old?["lastState"] ?? .object([:])
  }

  private func terminated(_ container: PodRuntime.Container) -> JSON {
    var body: JSON = [
      "exitCode": .int(Int64(container.exitCode)),
      "reason": .string(
        container.reason.isEmpty ? (container.exitCode == 0 ? "Completed" : "Error") : container.reason),
      "startedAt": .string(PodRuntime.timestamp(container.startedAt).description),
      "finishedAt": .string(PodRuntime.timestamp(container.finishedAt).description),
      "containerID": .string("containerd://\(container.id)"),
    ]
    let message = observation.terminationMessages[container.id] ?? container.message
    if !message.isEmpty { body["message"] = .string(message) }
    return body
  }
}
