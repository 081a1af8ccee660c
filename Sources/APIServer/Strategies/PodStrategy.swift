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
    correctGracePeriod(&object)
    object["status"] = ["phase": "Pending", "qosClass": .string(QualityOfService(pod: object).rawValue)]
  }

  func prepareForUpdate(_ object: inout JSON, from old: JSON, _ context: StrategyContext) throws(APIStatus) {
    addDefaultTolerations(&object)
    correctGracePeriod(&object)
  }

  /// Upstream once took what makes no sense, and makes the least of it since.
  private func correctGracePeriod(_ object: inout JSON) {
    guard let seconds = object[path: "spec", "terminationGracePeriodSeconds"]?.int, seconds < 0 else { return }
    object[path: "spec", "terminationGracePeriodSeconds"] = 1
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
