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
