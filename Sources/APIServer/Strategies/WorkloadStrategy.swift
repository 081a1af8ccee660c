import JSONTree

/// Deployments and ReplicaSets: the generation counts changes of the spec, the selector stays as it is.
struct WorkloadStrategy: ResourceStrategy {
  var tracksGeneration: Bool { true }

  func validate(_ object: JSON, replacing old: JSON?) -> [APIStatus.Cause] {
    guard let old, object[path: "spec", "selector"] != old[path: "spec", "selector"] else { return [] }
    let text = object[path: "spec", "selector"]?.description ?? "null"
    return [
      APIStatus.Cause(
        reason: "FieldValueInvalid", message: "Invalid value: \(text): field is immutable", field: "spec.selector")
    ]
  }
}
