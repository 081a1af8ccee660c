import JSONTree

/// Label selectors as objects.
enum SelectorValidation {
  static func faults(_ selector: JSON, _ path: FieldPath) -> [FieldError] {
    var faults = MetadataValidation.labelFaults(selector["matchLabels"], path.child("matchLabels"))
    for (index, requirement) in (selector["matchExpressions"]?.items ?? []).enumerated() {
      faults += requirementFaults(requirement, path.child("matchExpressions")[index])
    }
    return faults
  }

  private static func requirementFaults(_ requirement: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    let values = requirement["values"]?.items ?? []
    switch requirement["operator"]?.string {
    case "In", "NotIn":
      if values.isEmpty {
        faults.append(.required(path.child("values"), "must be specified when `operator` is 'In' or 'NotIn'"))
      }
    case "Exists", "DoesNotExist":
      if !values.isEmpty {
        faults.append(
          .forbidden(path.child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
      }
    default:
      faults.append(.invalid(path.child("operator"), requirement["operator"] ?? "", "not a valid selector operator"))
    }
    let key = requirement["key"]?.string ?? ""
    faults += NameRules.qualifiedName(key).map { .invalid(path.child("key"), .string(key), $0) }
    for (index, value) in values.enumerated() {
      faults += NameRules.labelValue(value.string ?? "").map { .invalid(path.child("values")[index], value, $0) }
    }
    return faults
  }
}
