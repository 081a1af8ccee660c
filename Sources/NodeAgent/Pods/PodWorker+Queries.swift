import JSONTree
import KubernetesAPI

/// What the node's server asks of a pod.
extension PodWorker {
  /// Returns once the runtime has been asked for the pod at least once.
  func observe() async { if !hasObserved { try? await refresh() } }

  func runningContainerID(_ name: String) -> String? {
    guard let newest = observation.runtime.newest(name), newest.state == .running else { return nil }
    return newest.id
  }

  /// What of the pod the runtime runs, as a pod with just that; `nil` where nothing runs.
  func runningPod() -> JSON? {
    let running = observation.runtime.allContainers.filter { $0.state == .running }.sorted { $0.name < $1.name }
    guard !running.isEmpty || observation.runtime.readySandbox != nil else { return nil }
    return [
      "metadata": ["name": .string(pod.name), "namespace": .string(pod.namespace), "uid": .string(uid)],
      "spec": [
        "containers": .array(running.map { ["name": .string($0.name), "image": .string($0.imageReference)] })
      ],
      "status": [:],
    ]
  }

  func readySandboxID() -> String? { observation.runtime.readySandbox?.id }

  func isRunning(containerID: String) -> Bool {
    observation.runtime.allContainers.contains { $0.id == containerID && $0.state == .running }
  }

  /// The log of a container's newest run, or of the one before. The messages are upstream's.
  func logSource(_ name: String, previous: Bool) throws(NodeAgentError) -> (path: String, containerID: String) {
    guard pod.podContainer(named: name) != nil else {
      throw NodeAgentError(.badRequest, "container \(name) is not valid for pod \(pod.name)")
    }
    let begun = (observation.runtime.containers[name] ?? []).filter { $0.state != .created && !$0.logPath.isEmpty }
    if previous {
      let isWaiting = begun.first?.state == .exited && observation.waiting[name] != nil
      guard let run = isWaiting ? begun.first : begun.dropFirst().first else {
        throw NodeAgentError(
          .badRequest, "previous terminated container \"\(name)\" in pod \"\(pod.name)\" not found")
      }
      return (run.logPath, run.id)
    }
    guard let run = begun.first else {
      let reason = observation.waiting[name]?.reason ?? "ContainerCreating"
      throw NodeAgentError(
        .badRequest, "container \"\(name)\" in pod \"\(pod.name)\" is waiting to start: \(reason)")
    }
    return (run.logPath, run.id)
  }
}
