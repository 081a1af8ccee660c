import JSONTree

/// A container's own restart policy and its rules.
enum RestartValidation {
  private static let policies = ["Always", "Never", "OnFailure"]
  private static let actions = ["Restart", "RestartAllContainers"]
  private static let operators = ["In", "NotIn"]
  private static let (maximumRules, maximumCodes) = (20, 255)

  static func faults(_ container: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    let rules = container["restartPolicyRules"]?.items ?? []
    if let policy = container["restartPolicy"]?.string {
      if !policies.contains(policy) {
        faults.append(.notSupported(path.child("restartPolicy"), .string(policy), policies))
      }
    } else if !rules.isEmpty {
      faults.append(.required(path.child("restartPolicy"), "must specify restartPolicy when restart rules are used"))
    }
    let place = path.child("restartPolicyRules")
    if rules.count > maximumRules { faults.append(.tooMany(place, count: rules.count, limit: maximumRules)) }
    for (index, rule) in rules.enumerated() { faults += self.faults(rule: rule, place[index]) }
    return faults
  }

  private static func faults(rule: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    let action = rule["action"]?.string ?? ""
    if !actions.contains(action) { faults.append(.notSupported(path.child("action"), .string(action), actions)) }
    let place = path.child("exitCodes")
    guard let codes = rule["exitCodes"] else { return faults + [.required(place, "must be specified")] }
    let relation = codes["operator"]?.string ?? ""
    if !operators.contains(relation) {
      faults.append(.notSupported(place.child("operator"), .string(relation), operators))
    }
    let count = codes["values"]?.items.count ?? 0
    if count > maximumCodes { faults.append(.tooMany(place.child("values"), count: count, limit: maximumCodes)) }
    return faults
  }
}
