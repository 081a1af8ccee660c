import JSONTree

extension PodValidation {
  private static let changeable =
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` "
    + "(only additions to existing tolerations),`spec.terminationGracePeriodSeconds` "
    + "(allow it to be set to 1 if it was previously negative)"

  /// A stored pod's specification is fixed but for images, tolerations that are added, a deadline that comes nearer and
  /// gates that open.
  static func compare(_ old: JSON, _ new: JSON) -> [FieldError] {
    let path = FieldPath("spec")
    var faults: [FieldError] = []
    var was = old.spec
    let now = new.spec
    for list in ["containers", "initContainers"] {
      let before = was[list]?.items ?? []
      let after = now[list]?.items ?? []
      guard before.count == after.count else {
        return [.forbidden(path.child(list), "pod updates may not add or remove containers")]
      }
      guard !before.isEmpty else { continue }
      was[list] = .array(
        zip(before, after).map { before, after in
          var container = before
          container["image"] = after["image"]
          return container
        })
    }
    faults += deadlineFaults(was, now, path)
    was["activeDeadlineSeconds"] = now["activeDeadlineSeconds"]
    faults += tolerationFaults(was, now, path)
    was["tolerations"] = now["tolerations"]
    if (was["terminationGracePeriodSeconds"]?.int ?? 0) < 0, now["terminationGracePeriodSeconds"] == 1 {
      was["terminationGracePeriodSeconds"] = 1
    }
    faults += gateFaults(&was, now, path)
    guard faults.isEmpty else { return faults }
    if was != now {
      faults.append(
        .forbidden(path, "pod updates may not change fields other than \(changeable)\n\(difference(was, now))"))
    }
    return faults
  }

  private static func deadlineFaults(_ was: JSON, _ now: JSON, _ path: FieldPath) -> [FieldError] {
    guard let before = was["activeDeadlineSeconds"]?.int else { return [] }
    let here = path.child("activeDeadlineSeconds")
    guard let after = now["activeDeadlineSeconds"]?.int else {
      return [.invalid(here, .null, "must not update from a positive integer to nil value")]
    }
    return after <= before ? [] : [.invalid(here, .int(after), "must be less than or equal to previous value")]
  }

  private static func tolerationFaults(_ was: JSON, _ now: JSON, _ path: FieldPath) -> [FieldError] {
    func timeless(_ toleration: JSON) -> JSON {
      var toleration = toleration
      toleration["tolerationSeconds"] = JSON?.none
      return toleration
    }
    let after = (now["tolerations"]?.items ?? []).map(timeless)
    let isKept = (was["tolerations"]?.items ?? []).map(timeless).allSatisfy(after.contains)
    if isKept { return [] }
    return [
      .forbidden(
        path.child("tolerations"), "existing toleration can not be modified except its tolerationSeconds")
    ]
  }

  /// Gates may go and not come; while there are any, what the scheduler looks at may become stricter.
  private static func gateFaults(_ was: inout JSON, _ now: JSON, _ path: FieldPath) -> [FieldError] {
    let before = was["schedulingGates"]?.items ?? []
    let after = now["schedulingGates"]?.items ?? []
    if let added = after.first(where: { !before.contains($0) }) {
      return [
        .forbidden(
          path.child("schedulingGates"),
          "only deletion is allowed, but found new scheduling gate '\(added["name"]?.string ?? "")'")
      ]
    }
    was["schedulingGates"] = now["schedulingGates"]
    if !before.isEmpty {
      was["nodeSelector"] = now["nodeSelector"]
      was[path: "affinity", "nodeAffinity"] = now[path: "affinity", "nodeAffinity"]
      if now["affinity"] == nil, was["affinity"] == [:] { was["affinity"] = JSON?.none }
    }
    return []
  }

  /// The members that differ, one to a line, as `- old` and `+ new`.
  static func difference(_ was: JSON, _ now: JSON) -> String {
    var names: [String] = was.object?.keys ?? []
    names += (now.object?.keys ?? []).filter { !names.contains($0) }
    return names.filter { was[$0] != now[$0] }.map { name in
      let lines = [was[name].map { "- \(name): \($0)" }, now[name].map { "+ \(name): \($0)" }]
      return lines.compactMap { $0 }.joined(separator: "\n")
    }.joined(separator: "\n")
  }
}
