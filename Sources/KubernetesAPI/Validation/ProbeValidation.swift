import JSONTree

/// Probes and hooks of containers.
enum ProbeValidation {
  static func faults(_ container: JSON, _ role: ContainerScope.Role, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    let probes = ["livenessProbe", "readinessProbe", "startupProbe"]
    let isSidecar = role == .initial && container["restartPolicy"] == "Always"
    for name in probes {
      guard let probe = container[name] else { continue }
      let here = path.child(name)
      if role == .initial, !isSidecar {
        faults.append(.forbidden(here, "may not be set for init containers without restartPolicy=Always"))
      } else {
        faults += probeFaults(probe, here, mayNeedSeveral: name == "readinessProbe")
      }
    }
    guard let lifecycle = container["lifecycle"] else { return faults }
    let here = path.child("lifecycle")
    if role == .initial, !isSidecar {
      return faults + [.forbidden(here, "may not be set for init containers without restartPolicy=Always")]
    }
    for name in ["postStart", "preStop"] {
      guard let hook = lifecycle[name] else { continue }
      faults += handlerFaults(hook, ["exec", "httpGet", "tcpSocket", "sleep"], here.child(name))
    }
    return faults
  }

  private static func probeFaults(_ probe: JSON, _ path: FieldPath, mayNeedSeveral: Bool) -> [FieldError] {
    var faults = handlerFaults(probe, ["exec", "httpGet", "tcpSocket", "grpc"], path)
    faults += ValueRules.nonNegative(
      probe, "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold",
      at: path)
    if !mayNeedSeveral, let threshold = probe["successThreshold"]?.int, threshold != 1 {
      faults.append(.invalid(path.child("successThreshold"), .int(threshold), "must be 1"))
    }
    if let grace = probe["terminationGracePeriodSeconds"]?.int, grace <= 0 {
      faults.append(.invalid(path.child("terminationGracePeriodSeconds"), .int(grace), "must be greater than 0"))
    }
    return faults
  }

  private static func handlerFaults(_ object: JSON, _ names: [String], _ path: FieldPath) -> [FieldError] {
    let given = names.filter { object[$0] != nil }
    guard let first = given.first, let handler = object[first] else {
      return [.required(path, "must specify a handler type")]
    }
    var faults = given.dropFirst().map { name in
      FieldError.forbidden(path.child(name), "may not specify more than 1 handler type")
    }
    let here = path.child(first)
    switch first {
    case "exec":
      if handler["command"]?.items.isEmpty != false { faults.append(.required(here.child("command"))) }
    case "httpGet":
      faults += ValueRules.required(handler, "path", here)
      faults += ValueRules.port(handler["port"], here.child("port"))
      faults += ValueRules.choice(handler, "scheme", of: "HTTPGetAction", here)
    case "tcpSocket": faults += ValueRules.port(handler["port"], here.child("port"))
    case "grpc": faults += ValueRules.portNumber(handler["port"]?.int ?? 0, here.child("port"))
    default: break
    }
    return faults
  }
}
