import JSONTree

/// The containers of one pod, and what they are judged against.
struct ContainerScope {
  let volumes: Set<String>
  /// Those of the volumes that are empty folders at first.
  let emptyVolumes: Set<String>
  let isOnHostNetwork: Bool
  /// `spec.os.name`.
  let system: String?
  /// Of the pod: what never runs again cannot be restarted by a resize.
  let restartPolicy: String

  enum Role: String {
    case regular = "containers"
    case initial = "initContainers"
    case ephemeral = "ephemeralContainers"
  }

  func faults(_ spec: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    var names: Set<String> = []
    var hostPorts: Set<String> = []
    let containers = spec["containers"]?.items ?? []
    let own = Set((containers + (spec["initContainers"]?.items ?? [])).compactMap { $0["name"]?.string })
    if containers.isEmpty { faults.append(.required(path.child("containers"))) }
    for role in [Role.regular, .initial, .ephemeral] {
      for (index, container) in (spec[role.rawValue]?.items ?? []).enumerated() {
        let here = path.child(role.rawValue)[index]
        if let name = container["name"]?.string, !name.isEmpty, !names.insert(name).inserted {
          faults.append(.duplicate(here.child("name"), .string(name)))
        }
        faults += self.faults(container, role, here)
        if role == .ephemeral { faults += PodValidation.ephemeralFaults(container, names: own, here) }
        if role == .regular { faults += hostPortFaults(container, here, &hostPorts) }
      }
    }
    return faults
  }

  private func faults(_ container: JSON, _ role: Role, _ path: FieldPath) -> [FieldError] {
    var faults = ValueRules.text(container, "name", path, isRequired: true, NameRules.dnsLabel)
    let image = container["image"]?.string ?? ""
    if image.isEmpty {
      faults.append(.required(path.child("image")))
    } else if image.first?.isWhitespace == true || image.last?.isWhitespace == true {
      faults.append(.invalid(path.child("image"), .string(image), "must not have leading or trailing whitespace"))
    }
    faults += portFaults(container["ports"]?.items ?? [], path.child("ports"))
    faults += EnvironmentValidation.faults(container, path)
    faults += fileFaults(container, path)
    faults += mountFaults(container, path)
    faults += ValueRules.choice(container, "imagePullPolicy", of: "Container", path, isRequired: true)
    faults += ValueRules.choice(container, "terminationMessagePolicy", of: "Container", path, isRequired: true)
    faults += ResourceValidation.faults(container["resources"] ?? [:], path.child("resources"))
    faults += ResourceValidation.policyFaults(container, podPolicy: restartPolicy, path.child("resizePolicy"))
    faults += securityFaults(container, path)
    if role != .ephemeral {
      faults += ProbeValidation.faults(container, role, path)
      faults += stopSignalFaults(container, path.child("lifecycle").child("stopSignal"))
    }
    return role == .ephemeral ? faults : faults + RestartValidation.faults(container, path)
  }

  /// Files of variables are those that the pod's own containers write.
  private func fileFaults(_ container: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    for (index, variable) in (container["env"]?.items ?? []).enumerated() {
      guard let name = variable["valueFrom"]?["fileKeyRef"]?["volumeName"]?.string, !name.isEmpty else { continue }
      let here = path.child("env")[index].child("valueFrom").child("fileKeyRef").child("volumeName")
      if !volumes.contains(name) {
        faults.append(.notFound(here, .string(name)))
      } else if !emptyVolumes.contains(name) {
        faults.append(.invalid(here, .string(name), "referenced volume must be of type emptyDir"))
      }
    }
    return faults
  }

  private func stopSignalFaults(_ container: JSON, _ path: FieldPath) -> [FieldError] {
    guard let signal = container[path: "lifecycle", "stopSignal"]?.string else { return [] }
    guard let system else {
      return [.forbidden(path, "may not be set for containers with empty `spec.os.name`")]
    }
    let supported = system == "windows" ? ["SIGKILL", "SIGTERM"] : StopSignal.names
    return supported.contains(signal) ? [] : [.notSupported(path, .string(signal), supported)]
  }

  private func portFaults(_ ports: [JSON], _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    var names: Set<String> = []
    for (index, port) in ports.enumerated() {
      let here = path[index]
      if let name = port["name"]?.string, !name.isEmpty {
        let rules = NameRules.portName(name)
        faults += rules.map { .invalid(here.child("name"), .string(name), $0) }
        if rules.isEmpty, !names.insert(name).inserted { faults.append(.duplicate(here.child("name"), .string(name))) }
      }
      let number = port["containerPort"]?.int ?? 0
      if number == 0 {
        faults.append(.required(here.child("containerPort")))
      } else {
        faults += ValueRules.portNumber(number, here.child("containerPort"))
      }
      let hostPort = port["hostPort"]?.int ?? 0
      if hostPort != 0 { faults += ValueRules.portNumber(hostPort, here.child("hostPort")) }
      if isOnHostNetwork, hostPort != number {
        faults.append(
          .invalid(here.child("containerPort"), .int(number), "must match `hostPort` when `hostNetwork` is true"))
      }
      faults += ValueRules.choice(port, "protocol", of: "ContainerPort", here, isRequired: true)
    }
    return faults
  }

  private func hostPortFaults(_ container: JSON, _ path: FieldPath, _ seen: inout Set<String>) -> [FieldError] {
    var faults: [FieldError] = []
    for (index, port) in (container["ports"]?.items ?? []).enumerated() {
      guard let number = port["hostPort"]?.int, number != 0 else { continue }
      let key = "\(port["protocol"]?.string ?? "")/\(port["hostIP"]?.string ?? "")/\(number)"
      if !seen.insert(key).inserted {
        faults.append(.duplicate(path.child("ports")[index].child("hostPort"), .string(key)))
      }
    }
    return faults
  }

  private func mountFaults(_ container: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    var places: Set<String> = []
    for (index, mount) in (container["volumeMounts"]?.items ?? []).enumerated() {
      let here = path.child("volumeMounts")[index]
      let name = mount["name"]?.string ?? ""
      if name.isEmpty {
        faults.append(.required(here.child("name")))
      } else if !volumes.contains(name) {
        faults.append(.notFound(here.child("name"), .string(name)))
      }
      let place = mount["mountPath"]?.string ?? ""
      if place.isEmpty {
        faults.append(.required(here.child("mountPath")))
      } else if !places.insert(place).inserted {
        faults.append(.invalid(here.child("mountPath"), .string(place), "must be unique"))
      }
      if let subPath = mount["subPath"]?.string, !subPath.isEmpty {
        faults += ValueRules.relativePath(subPath, here.child("subPath"))
      }
      faults += ValueRules.choice(mount, "mountPropagation", of: "VolumeMount", here)
    }
    return faults
  }

  private func securityFaults(_ container: JSON, _ path: FieldPath) -> [FieldError] {
    guard let context = container["securityContext"] else { return [] }
    let here = path.child("securityContext")
    var faults = ValueRules.range(context, "runAsUser", 0...Int64(Int32.max), here)
    faults += ValueRules.range(context, "runAsGroup", 0...Int64(Int32.max), here)
    faults += ValueRules.choice(context, "procMount", of: "SecurityContext", here)
    if context["privileged"] == true, context["allowPrivilegeEscalation"] == false {
      faults.append(
        .invalid(here, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"))
    }
    return faults
  }
}
