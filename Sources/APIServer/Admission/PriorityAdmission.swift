import JSONTree
import KubernetesAPI

/// Turns a pod's priority class into its priority.
enum PriorityAdmission {
  static let systemClasses: Set<String> = ["system-cluster-critical", "system-node-critical"]

  static func complete(_ pod: inout JSON, registry: Registry) throws(APIStatus) {
    // A mirror pod describes what a node already runs.
    if pod.annotations["kubernetes.io/config.mirror"] != nil { return }
    var found: JSON?
    let name = pod.spec["priorityClassName"]?.string ?? ""
    if name.isEmpty {
      // Of several defaults the lowest counts.
      for object in try registry.cache(of: .priorityClasses).view.objects {
        let tree = try object.tree()
        guard tree["globalDefault"] == true else { continue }
        if (tree["value"]?.int ?? 0) < (found?["value"]?.int ?? .max) { found = tree }
      }
      if let found { pod[path: "spec", "priorityClassName"] = .string(found.name) }
    } else {
      guard let tree = try registry.object(.priorityClasses, ObjectName(name: name))?.tree() else {
        throw .forbidden(.pods, pod.name, "no PriorityClass with name \(name) was found")
      }
      found = tree
    }
    let priority = found?["value"]?.int ?? 0
    if let given = pod.spec["priority"]?.int, given != priority {
      throw .forbidden(
        .pods, pod.name,
        "the integer value of priority (\(given)) must not be provided in pod spec; priority admission controller "
          + "computed \(priority) from the given PriorityClass name")
    }
    pod[path: "spec", "priority"] = .int(priority)
    let policy = found?["preemptionPolicy"]?.string ?? "PreemptLowerPriority"
    if let given = pod.spec["preemptionPolicy"]?.string, given != policy {
      throw .forbidden(
        .pods, pod.name,
        "the string value of PreemptionPolicy (\(given)) must not be provided in pod spec; priority admission "
          + "controller computed \(policy) from the given PriorityClass name")
    }
    pod[path: "spec", "preemptionPolicy"] = .string(policy)
  }
}
