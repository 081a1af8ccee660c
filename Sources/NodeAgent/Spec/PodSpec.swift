import JSONTree
import KubernetesAPI

/// Reads of a pod's tree that many parts share.
extension JSON {
  var initContainers: [JSON] { spec["initContainers"]?.items ?? [] }
  var containers: [JSON] { spec["containers"]?.items ?? [] }
  /// Containers that were added to the pod while it ran.
  var ephemeralContainers: [JSON] { spec["ephemeralContainers"]?.items ?? [] }
  var containerName: String { self["name"]?.string ?? "" }
  var image: String { self["image"]?.string ?? "" }
  /// `Always`, `OnFailure` or `Never`.
  var restartPolicy: String { spec["restartPolicy"]?.string ?? "Always" }
  /// Of an init container: whether it is a sidecar, which keeps running beside the pod's containers.
  var isSidecar: Bool { self["restartPolicy"]?.string == "Always" }
  var usesHostNetwork: Bool { spec["hostNetwork"]?.bool ?? false }
  var gracePeriodSeconds: Int64 { spec["terminationGracePeriodSeconds"]?.int ?? 30 }

  /// A container of the pod, of whatever list.
  func podContainer(named name: String) -> JSON? {
    (containers + initContainers + ephemeralContainers).first { $0.containerName == name }
  }

  func isEphemeral(_ name: String) -> Bool { ephemeralContainers.contains { $0.containerName == name } }

  /// Of a status: whether the pod came to its end, so that nothing of it will run again.
  var isTerminal: Bool { self["phase"]?.string == "Succeeded" || self["phase"]?.string == "Failed" }

  /// `NAMESPACE_NAME(UID)`-like text of upstream's messages: `NAME_NAMESPACE(UID)`.
  var podText: String { "\(name)_\(namespace)(\(uid))" }
}
