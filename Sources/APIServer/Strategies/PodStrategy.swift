import JSONTree
import KubernetesAPI

/// Pods: service account admission, phase and class at creation, and a grace period at deletion.
struct PodStrategy: ResourceStrategy {
  var tracksGeneration: Bool { true }
  var returnsDeletedObject: Bool { true }

  private static let defaultGracePeriod: Int64 = 30

  func prepareForCreate(_ object: inout JSON, _ context: StrategyContext) throws(APIStatus) {
    try ServiceAccountAdmission.admit(&object, registry: context.registry)
    addDefaultTolerations(&object)
    if object[path: "spec", "priority"] == nil { object[path: "spec", "priority"] = 0 }
    if object[path: "spec", "preemptionPolicy"] == nil {
      object[path: "spec", "preemptionPolicy"] = "PreemptLowerPriority"
    }
    object["status"] = ["phase": "Pending", "qosClass": .string(PodQuality.name(of: object))]
  }

  /// A bound pod keeps its containers as they are: only images, tolerations and the deadline may change.
  func validate(_ object: JSON, replacing old: JSON?) -> [APIStatus.Cause] {
    guard let old else { return [] }
    var new = Self.withoutChangeable(object.spec)
    let was = Self.withoutChangeable(old.spec)
    if old[path: "spec", "nodeName"] == nil { new["nodeName"] = nil }
    guard new != was else { return [] }
    return [
      APIStatus.Cause(
        reason: "FieldValueForbidden",
        message: "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
          + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing "
          + "tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
        field: "spec")
    ]
  }

  private static func withoutChangeable(_ spec: JSON) -> JSON {
    var spec = spec
    for list in ["containers", "initContainers"] {
      guard let containers = spec[list]?.array else { continue }
      spec[list] = .array(
        containers.map { container in
          var container = container
          container["image"] = nil
          return container
        })
    }
    for member in ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "schedulingGates"] {
      spec[member] = nil
    }
    return spec
  }

  func gracePeriod(of object: JSON, requested: Int64?) -> Int64 {
    let phase = object[path: "status", "phase"]?.string
    if (object[path: "spec", "nodeName"]?.string ?? "").isEmpty || phase == "Failed" || phase == "Succeeded" {
      return 0
    }
    let own = object[path: "spec", "terminationGracePeriodSeconds"]?.int ?? Self.defaultGracePeriod
    return max(0, requested ?? own)
  }

  /// Upstream's DefaultTolerationSeconds: a pod stays five minutes on a node that is away.
  private func addDefaultTolerations(_ object: inout JSON) {
    var tolerations = object[path: "spec", "tolerations"]?.items ?? []
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
      let isTolerated = tolerations.contains { toleration in
        let sameKey = toleration["key"]?.string == key || (toleration["key"]?.string ?? "").isEmpty
        let effect = toleration["effect"]?.string ?? ""
        return sameKey && (effect.isEmpty || effect == "NoExecute")
      }
      if isTolerated { continue }
      tolerations.append(
        ["key": .string(key), "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300])
    }
    object[path: "spec", "tolerations"] = .array(tolerations)
  }
}
