import JSONTree

/// Requests and limits.
enum ResourceValidation {
  private static let standard: Set<String> = ["cpu", "memory", "ephemeral-storage"]

  static func faults(_ resources: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    let limits = resources["limits"]?.object ?? [:]
    let requests = resources["requests"]?.object ?? [:]
    faults += amountFaults(limits, path.child("limits"))
    faults += amountFaults(requests, path.child("requests"))
    for request in requests.members {
      guard let amount = try? Quantity(json: request.value), let value = limits[request.key],
        let limit = try? Quantity(json: value)
      else { continue }
      if amount > limit {
        faults.append(
          .invalid(
            path.child("requests"), .string(amount.description),
            "must be less than or equal to \(request.key) limit of \(limit)"))
      } else if !mayOvercommit(request.key), amount != limit {
        faults.append(
          .invalid(
            path.child("requests"), .string(amount.description), "must be equal to \(request.key) limit of \(limit)"))
      }
    }
    return faults
  }

  /// What a change of resources does to a container.
  static func policyFaults(_ container: JSON, podPolicy: String, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    var seen: Set<String> = []
    for (index, policy) in (container["resizePolicy"]?.items ?? []).enumerated() {
      let name = policy["resourceName"]?.string ?? ""
      if !seen.insert(name).inserted { faults.append(.duplicate(path[index], .string(name))) }
      let choices = [(name, ["cpu", "memory"]), (policy["restartPolicy"]?.string ?? "", policies)]
      for (value, supported) in choices {
        if value.isEmpty {
          faults.append(.required(path))
        } else if !supported.contains(value) {
          faults.append(.notSupported(path, .string(value), supported))
        }
      }
      if podPolicy == "Never", policy["restartPolicy"] != "NotRequired" {
        faults.append(
          .invalid(
            path, policy["restartPolicy"] ?? "", "must be 'NotRequired' when `restartPolicy` is 'Never'"))
      }
    }
    return faults
  }

  private static let policies = ["NotRequired", "RestartContainer"]

  private static func amountFaults(_ amounts: JSONObject, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    for amount in amounts.members {
      let here = path[key: amount.key]
      faults += nameFaults(amount.key, here)
      guard let quantity = try? Quantity(json: amount.value) else { continue }
      if quantity.isNegative {
        faults.append(.invalid(here, .string(quantity.description), "must be greater than or equal to 0"))
      }
      if !mayOvercommit(amount.key), quantity.milliValue % 1000 != 0 {
        faults.append(.invalid(here, .string(quantity.description), "must be an integer"))
      }
    }
    return faults
  }

  private static func nameFaults(_ name: String, _ path: FieldPath) -> [FieldError] {
    var faults = NameRules.qualifiedName(name).map { FieldError.invalid(path, .string(name), $0) }
    if faults.isEmpty, !name.contains("/"), !standard.contains(name), !name.hasPrefix("hugepages-") {
      faults.append(.invalid(path, .string(name), "must be a standard resource for containers"))
    }
    return faults
  }

  /// Whether a request may be lower than its limit, and a fraction.
  private static func mayOvercommit(_ name: String) -> Bool {
    standard.contains(name) || name.contains("kubernetes.io/")
  }
}
