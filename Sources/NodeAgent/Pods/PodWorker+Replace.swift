import APIClient
import JSONTree
import KubernetesAPI

/// A running container whose image its pod has changed gives way to one of the new image, whatever the restart policy.
extension PodWorker {
  func replace(_ name: String) {
    guard let running = observation.runtime.newest(name), running.state == .running, kills[running.id] == nil else {
      return
    }
    context.events.container(
      pod, name, .normal, "Killing", "Container \(name) definition changed, will be restarted")
    observation.replaced.insert(running.id)
    kill(name, id: running.id, reason: "definition changed", grace: pod.gracePeriodSeconds)
  }

  /// What has failed with one image may do well with another.
  func forgetBackoff(_ previous: JSON) {
    for container in pod.initContainers + pod.containers {
      let name = container.containerName
      if let old = previous.podContainer(named: name), old.image != container.image { backoff.reset(name) }
    }
  }
}
