import APIClient
import JSONTree
import KubernetesAPI

/// Events about pods, in upstream's words.
struct PodEvents: Sendable {
  /// Whoever writes them down; tests collect them.
  let record: @Sendable (_ reference: JSON, _ kind: EventRecorder.Kind, _ reason: String, _ message: String) -> Void

  func pod(_ pod: JSON, _ kind: EventRecorder.Kind, _ reason: String, _ message: String) {
    record(Self.reference(pod, fieldPath: nil), kind, reason, message)
  }

  /// With the container's place in the pod, by which `kubectl describe` and tools tell them apart.
  func container(_ pod: JSON, _ name: String, _ kind: EventRecorder.Kind, _ reason: String, _ message: String) {
    let list =
      pod.initContainers.contains { $0.containerName == name }
      ? "initContainers" : pod.isEphemeral(name) ? "ephemeralContainers" : "containers"
    record(Self.reference(pod, fieldPath: "spec.\(list){\(name)}"), kind, reason, message)
  }

  private static func reference(_ pod: JSON, fieldPath: String?) -> JSON {
    var reference: JSON = [
      "apiVersion": "v1", "kind": "Pod", "namespace": .string(pod.namespace), "name": .string(pod.name),
      "uid": .string(pod.uid),
    ]
    if let fieldPath { reference["fieldPath"] = .string(fieldPath) }
    return reference
  }
}
