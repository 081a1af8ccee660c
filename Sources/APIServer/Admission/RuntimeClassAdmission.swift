import JSONTree
import KubernetesAPI

/// Upstream's RuntimeClass admission: a pod's class is there, its overhead is the pod's, and its nodes are the pod's too.
enum RuntimeClassAdmission {
  static func complete(_ pod: inout JSON, registry: Registry) throws(APIStatus) {
    guard let found = try runtimeClass(of: pod, registry) else { return }
    if let overhead = found[path: "overhead", "podFixed"] {
      if let given = pod.spec["overhead"], given != overhead { throw mismatch(pod) }
      pod[path: "spec", "overhead"] = overhead
    }
    guard let scheduling = found["scheduling"] else { return }
    var selector = pod.spec["nodeSelector"] ?? [:]
    for member in scheduling["nodeSelector"]?.object?.members ?? [] {
      if let given = selector[member.key], given != member.value {
        throw .forbidden(
          .pods, pod.name,
          "conflict: runtimeClass.scheduling.nodeSelector[\(member.key)] = \(member.value.string ?? ""); "
            + "pod.spec.nodeSelector[\(member.key)] = \(given.string ?? "")")
      }
      selector[member.key] = member.value
    }
    if selector != [:] { pod[path: "spec", "nodeSelector"] = selector }
    var tolerations = pod.spec["tolerations"]?.items ?? []
    for toleration in scheduling["tolerations"]?.items ?? [] where !tolerations.contains(toleration) {
      tolerations.append(toleration)
    }
    if !tolerations.isEmpty { pod[path: "spec", "tolerations"] = .array(tolerations) }
  }

  static func validate(_ pod: JSON, registry: Registry) throws(APIStatus) {
    guard let found = try runtimeClass(of: pod, registry) else {
      guard pod.spec["overhead"] == nil else {
        throw .forbidden(
          .pods, pod.name, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead")
      }
      return
    }
    if pod.spec["overhead"] != found[path: "overhead", "podFixed"] { throw mismatch(pod) }
  }

  private static func runtimeClass(of pod: JSON, _ registry: Registry) throws(APIStatus) -> JSON? {
    guard let name = pod.spec["runtimeClassName"]?.string, !name.isEmpty else { return nil }
    guard let found = try registry.object(.runtimeClasses, ObjectName(name: name)) else {
      throw .forbidden(.pods, pod.name, "pod rejected: RuntimeClass \(name.goQuoted) not found")
    }
    return try found.tree()
  }

  private static func mismatch(_ pod: JSON) -> APIStatus {
    .forbidden(
      .pods, pod.name, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
  }
}
