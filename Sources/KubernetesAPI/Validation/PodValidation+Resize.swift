import JSONTree

/// Containers that get other resources while they run. The messages are upstream's.
extension PodValidation {
  /// Why a pod cannot be resized at all.
  static func resizeRefusal(_ old: JSON, _ new: JSON) -> FieldError? {
    func hasOwnResources(_ pod: JSON) -> Bool {
      ["requests", "limits"].contains { pod.spec[path: "resources", $0]?.object?.isEmpty == false }
    }
    let text: String
    if hasOwnResources(old) || hasOwnResources(new) {
      text = "pods with pod-level resources cannot be resized"
    } else if old.annotations["kubernetes.io/config.mirror"] != nil {
      text = "static pods cannot be resized"
    } else if old.spec[path: "os", "name"] == "windows" {
      text = "windows pods cannot be resized"
    } else {
      return nil
    }
    return .forbidden(FieldPath(), text)
  }

  /// Processor and memory of containers and sidecars may change, and nothing else; what was asked for is not taken back.
  static func compareResources(_ old: JSON, _ new: JSON) -> [FieldError] {
    let path = FieldPath("spec")
    var faults: [FieldError] = []
    let quality = old.status["qosClass"]?.string ?? QualityOfService(pod: old).rawValue
    if quality != QualityOfService(pod: new).rawValue {
      faults.append(
        .invalid(path, .string(quality), "Pod QOS Class may not change as a result of resizing"))
    }
    // Nodes that can resize tell what a running container has.
    let running = (old.status["containerStatuses"]?.items ?? []).first { $0[path: "state", "running"] != nil }
    if let running, running["resources"] == nil {
      faults.append(.forbidden(path, "Pod running on node without support for resize"))
    }
    let order = orderFaults(old, new, path)
    guard order.isEmpty else { return faults + order }
    for (list, isInit) in [("initContainers", true), ("containers", false)] {
      let pairs = zip(old.spec[list]?.items ?? [], new.spec[list]?.items ?? [])
      for (index, (before, after)) in pairs.enumerated() {
        if isInit, before["restartPolicy"] != "Always" { continue }
        faults += removalFaults(before, after, path.child(list)[index].child("resources"))
      }
    }
    for (before, after) in zip(old.spec["containers"]?.items ?? [], new.spec["containers"]?.items ?? [])
    where fixedPart(before) != fixedPart(after) {
      faults.append(.forbidden(path, "only cpu and memory resources are mutable"))
    }
    for (before, after) in zip(old.spec["initContainers"]?.items ?? [], new.spec["initContainers"]?.items ?? []) {
      if before["restartPolicy"] == "Always" {
        if fixedPart(before) != fixedPart(after) {
          faults.append(.forbidden(path, "only cpu and memory resources for sidecar containers are mutable"))
        }
      } else if ResourceQuantities(before["resources"]) != ResourceQuantities(after["resources"])
        || fixedPart(before) != fixedPart(after)
      {
        faults.append(.forbidden(path, "resources for non-sidecar init containers are immutable"))
      }
    }
    return faults
  }

  private static func orderFaults(_ old: JSON, _ new: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    for list in ["containers", "initContainers"] {
      let (before, after) = (old.spec[list]?.items ?? [], new.spec[list]?.items ?? [])
      guard before.count == after.count else {
        faults.append(.forbidden(path.child(list), "\(list) may not be added or removed on resize"))
        continue
      }
      for (index, (before, after)) in zip(before, after).enumerated() where before["name"] != after["name"] {
        faults.append(
          .forbidden(path.child(list)[index].child("name"), "\(list) may not be renamed or reordered on resize"))
      }
    }
    return faults
  }

  private static func removalFaults(_ before: JSON, _ after: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    for side in ["requests", "limits"] {
      let names = before[path: "resources", side]?.object?.keys ?? []
      if names.contains(where: { after[path: "resources", side, $0] == nil }) {
        faults.append(.forbidden(path.child(side), "resource \(side) cannot be removed"))
      }
    }
    return faults
  }

  private struct FixedPart: Equatable {
    var container: JSON
    var others: ResourceQuantities
  }

  /// What a resize leaves as it is.
  private static func fixedPart(_ container: JSON) -> FixedPart {
    var rest = container
    rest["resources"] = container[path: "resources", "claims"]
    if rest["resizePolicy"]?.items.isEmpty == true { rest["resizePolicy"] = JSON?.none }
    return FixedPart(container: rest, others: ResourceQuantities(container["resources"]).others)
  }
}
