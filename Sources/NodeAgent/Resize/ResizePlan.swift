import JSONTree
import KubernetesAPI

/// What has to be done so that containers that run get what has been allocated to them. Pure.
struct ResizePlan: Sendable, Hashable {
  struct Change: Sendable, Hashable {
    var name: String
    var from: JSON
    var to: JSON

    /// The memory limit that is to come, if it is lower than the one that is.
    var loweredMemoryLimit: Int64? {
      guard let next = Self.memoryLimit(to) else { return nil }
      return Self.memoryLimit(from).map { next < $0 } ?? true ? next : nil
    }

    private static func memoryLimit(_ resources: JSON) -> Int64? {
      resources[path: "limits", "memory"].flatMap { try? Quantity(json: $0) }?.value
    }
  }

  /// Containers that are changed while they run.
  var updates: [Change] = []
  /// Containers whose policy asks for another start.
  var restarts: [String] = []

  /// - Parameters:
  ///   - pod: with the resources that are allocated.
  ///   - isRunning: whether a container runs now.
  init(pod: JSON, allocation: PodAllocation, isRunning: (String) -> Bool) {
    for container in pod.initContainers.filter(\.isSidecar) + pod.containers {
      let name = container.containerName
      let (from, to) = (allocation.actuated[name] ?? [:], PodAllocation.resources(of: container))
      guard isRunning(name), !PodAllocation.isSame(from, to) else { continue }
      if Self.restarts(container, from, to) {
        restarts.append(name)
      } else {
        updates.append(Change(name: name, from: from, to: to))
      }
    }
  }

  var isEmpty: Bool { updates.isEmpty && restarts.isEmpty }

  private static func restarts(_ container: JSON, _ from: JSON, _ to: JSON) -> Bool {
    (container["resizePolicy"]?.items ?? []).contains { policy in
      guard policy["restartPolicy"] == "RestartContainer", let name = policy["resourceName"]?.string else {
        return false
      }
      func only(_ resources: JSON) -> JSON {
        var result: JSON = [:]
        for side in ["requests", "limits"] { result[path: side, name] = resources[path: side, name] }
        return result
      }
      return !PodAllocation.isSame(only(from), only(to))
    }
  }
}
