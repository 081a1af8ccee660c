import JSONTree
import KubernetesAPI

/// What follows the end of a container: the first of its own rules that fits says so, else its own policy, else the
/// pod's.
enum ContainerRestart: Sendable, Hashable {
  /// It has ended for good.
  case none
  /// It runs again.
  case container
  /// All containers of the pod run again, from the first init container on.
  case everything

  /// - Parameter code: the exit code.
  static func after(_ code: Int32, of container: JSON, in pod: JSON) -> ContainerRestart {
    let name = container.containerName
    if pod.isEphemeral(name) { return .none }
    let isInitial = pod.initContainers.contains { $0.containerName == name }
    // An init container that succeeded has done what it is for.
    let isDone = isInitial && code == 0 && !container.isSidecar
    guard let own = container["restartPolicy"]?.string else {
      if isDone { return .none }
      return isCalledFor(by: pod.restartPolicy, code) ? .container : .none
    }
    switch rule(for: code, of: container)?["action"]?.string {
    case "RestartAllContainers": return .everything
    case "Restart": return isDone ? .none : .container
    default: return !isDone && isCalledFor(by: own, code) ? .container : .none
    }
  }

  /// Whether a container of the pod has a rule by which all of them may be restarted.
  static func mayRestartEverything(in pod: JSON) -> Bool {
    (pod.initContainers + pod.containers).contains { container in
      (container["restartPolicyRules"]?.items ?? []).contains { $0["action"] == "RestartAllContainers" }
    }
  }

  private static func isCalledFor(by policy: String, _ code: Int32) -> Bool {
    policy == "Always" || (policy == "OnFailure" && code != 0)
  }

  private static func rule(for code: Int32, of container: JSON) -> JSON? {
    (container["restartPolicyRules"]?.items ?? []).first { rule in
      guard let codes = rule["exitCodes"] else { return false }
      let isListed = (codes["values"]?.items ?? []).contains { $0.int == Int64(code) }
      switch codes["operator"]?.string {
      case "In": return isListed
      case "NotIn": return !isListed
      default: return false
      }
    }
  }
}
