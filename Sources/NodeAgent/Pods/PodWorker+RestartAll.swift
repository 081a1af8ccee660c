import APIClient
import ContainerRuntime
import Glibc
import KubernetesAPI
import Logging

extension PodWorker {
  /// The end of one container asks for a new beginning of all: nothing of them stays but the pod's volumes and sandbox.
  func restartEverything() async throws {
    observation.isRestartingAll = true
    publish()
    for kill in kills.values { kill.cancel() }
    kills = [:]
    stopAllProbes()
    let all = observation.runtime.allContainers.filter { !pod.isEphemeral($0.name) }
    await withTaskGroup(of: Void.self) { group in
      for container in all where container.state != .exited {
        context.events.container(pod, container.name, .normal, "Killing", "Stopping container \(container.name)")
        // Nothing is finished first: no hook, and the least time there is.
        group.addTask { [runtime = context.runtime, logger] in
          do {
            try await runtime.stopContainer(container.id, graceSeconds: Self.leastGrace)
          } catch {
            // Whether it has ended is looked at below.
            logger.warning(
              "A container could not be stopped.",
              metadata: ["container": "\(container.name)", "error": "\(Self.message(error))"])
          }
        }
      }
    }
    try Task.checkCancellation()
    try await refresh()
    let left = observation.runtime.allContainers.filter { !pod.isEphemeral($0.name) }
    guard !left.contains(where: { $0.state == .running }) else {
      throw NodeAgentError(.node, "containers that are to be restarted still run")
    }
    publish()
    // The one that asks for it goes last: an agent that ends meanwhile leaves it to the next one to ask for it again.
    let order = left.filter { !asksForEverything($0) } + left.filter(asksForEverything)
    for container in order { try await forget(container) }
    for container in pod.initContainers + pod.containers {
      observation.waiting[container.containerName] = ("RestartingAllContainers", "")
      backoff.reset(container.containerName)
    }
    observation.isRestartingAll = false
    try await refresh()
    publish()
  }

  private static let leastGrace: Int64 = 2

  private func asksForEverything(_ run: PodRuntime.Container) -> Bool {
    guard run.state == .exited, let container = pod.podContainer(named: run.name) else { return false }
    return ContainerRestart.after(run.exitCode, of: container, in: pod) == .everything
  }

  /// Takes away what the runtime and the file system hold of a run that has ended.
  func forget(_ dead: PodRuntime.Container) async throws {
    try await context.runtime.removeContainer(dead.id)
    exited[dead.id] = nil
    observation.terminationMessages[dead.id] = nil
    observation.replaced.remove(dead.id)
    for path in LogRotation.rotated(dead.logPath) { unlink(path) }
    unlink(dead.logPath)
    unlink(context.configuration.terminationMessagePath(uid: uid, container: dead.name, attempt: dead.attempt))
  }
}
