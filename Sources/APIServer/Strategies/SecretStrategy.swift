import JSONTree
import KubernetesAPI

/// Secrets take plain text in `stringData` and keep it encoded in `data`.
struct SecretStrategy: ResourceStrategy {
  func prepareForCreate(_ object: inout JSON, _ context: StrategyContext) throws(APIStatus) {
    mergeText(&object)
    if object["type"] == nil { object["type"] = "Opaque" }
  }

  func prepareForUpdate(_ object: inout JSON, from old: JSON, _ context: StrategyContext) throws(APIStatus) {
    mergeText(&object)
    if object["type"] == nil { object["type"] = old["type"] }
  }

  func validate(_ object: JSON, replacing old: JSON?) -> [APIStatus.Cause] {
    guard let old else { return [] }
    var causes: [APIStatus.Cause] = []
    if object["type"] != old["type"] {
      causes.append(
        .init(
          reason: "FieldValueInvalid",
          message: "Invalid value: \(object["type"]?.description ?? "\"\""): field is immutable", field: "type"))
    }
    if old["immutable"]?.bool == true {
      let stays = object["immutable"]?.bool == true && object["data"] == old["data"]
      if !stays {
        causes.append(
          .init(
            reason: "FieldValueForbidden", message: "Forbidden: field is immutable when `immutable` is set",
            field: "data"))
      }
    }
    return causes
  }

  private func mergeText(_ object: inout JSON) {
    guard let text = object["stringData"]?.object else { return }
    var data = object["data"] ?? [:]
    for member in text.members {
      if let value = member.value.string { data[member.key] = .string(Base64.encode(Array(value.utf8))) }
    }
    object["data"] = data
    object["stringData"] = nil
  }
}
