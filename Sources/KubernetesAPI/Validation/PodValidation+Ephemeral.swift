import JSONTree

/// Containers that are added to a pod that runs.
extension PodValidation {
  /// They come and stay as they are. The messages, with their line ends, are upstream's.
  static func compareEphemeralContainers(_ old: JSON, _ new: JSON) -> [FieldError] {
    let path = FieldPath("spec", "ephemeralContainers")
    if old.annotations["kubernetes.io/config.mirror"] != nil {
      return [.forbidden(FieldPath(), "static pods do not support ephemeral containers")]
    }
    let after = new.spec["ephemeralContainers"]?.items ?? []
    return (old.spec["ephemeralContainers"]?.items ?? []).compactMap { before in
      let name = before["name"]?.string ?? ""
      guard let now = after.first(where: { $0["name"] == before["name"] }) else {
        return .forbidden(path, "existing ephemeral containers \"\(name)\" may not be removed\n")
      }
      guard now != before else { return nil }
      return .forbidden(
        path, "existing ephemeral containers \"\(name)\" may not be changed\n\(difference(before, now))")
    }
  }

  private static let allowed: Set<String> = [
    "name", "image", "command", "args", "workingDir", "envFrom", "env", "volumeMounts", "volumeDevices",
    "terminationMessagePath", "terminationMessagePolicy", "imagePullPolicy", "securityContext", "stdin", "stdinOnce",
    "tty", "targetContainerName",
  ]
  private static let refusal = "cannot be set for an Ephemeral Container"

  /// What a container that nothing may depend on must not have.
  /// - Parameter names: of the pod's other containers.
  static func ephemeralFaults(_ container: JSON, names: Set<String>, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    if let target = container["targetContainerName"]?.string, !target.isEmpty, !names.contains(target) {
      faults.append(.notFound(path.child("targetContainerName"), .string(target)))
    }
    for member in container.object?.members ?? [] where !allowed.contains(member.key) {
      let isEmpty = member.value.isNull || member.value == [:] || member.value == [] || member.value == ""
      if !isEmpty { faults.append(.forbidden(path.child(member.key), refusal)) }
    }
    for (index, mount) in (container["volumeMounts"]?.items ?? []).enumerated() {
      for name in ["subPath", "subPathExpr"] where mount[name]?.string?.isEmpty == false {
        faults.append(.forbidden(path.child("volumeMounts")[index].child(name), refusal))
      }
    }
    return faults
  }
}
