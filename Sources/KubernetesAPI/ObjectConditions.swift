package import JSONTree

/// `status.conditions`, by type.
extension JSON {
  package func condition(_ type: String) -> JSON? {
    (self["status"]?["conditions"]?.items ?? []).first { $0["type"]?.string == type }
  }

  /// Whether the condition is there with the status `True`.
  package func isConditionTrue(_ type: String) -> Bool { condition(type)?["status"]?.string == "True" }

  /// Puts a condition in the place of the one of its type. `lastTransitionTime` moves only where the status changes.
  package mutating func setCondition(
    _ type: String, isTrue: Bool?, reason: String = "", message: String = "", observedGeneration: Int64 = 0,
    at time: Timestamp
  ) {
    let status: JSON = isTrue.map { $0 ? "True" : "False" } ?? "Unknown"
    let old = condition(type)
    var new: JSON = ["type": .string(type), "status": status]
    for key in old?.object?.keys ?? [] where !["type", "status", "reason", "message"].contains(key) {
      new[key] = old?[key]
    }
    if old?["status"] != status || old?["lastTransitionTime"] == nil {
      new["lastTransitionTime"] = .string(time.description)
    }
    if !reason.isEmpty { new["reason"] = .string(reason) }
    if !message.isEmpty { new["message"] = .string(message) }
    if observedGeneration > 0 { new["observedGeneration"] = .int(observedGeneration) }
    var conditions = self["status"]?["conditions"]?.items ?? []
    if let index = conditions.firstIndex(where: { $0["type"]?.string == type }) {
      conditions[index] = new
    } else {
      conditions.append(new)
    }
    self[path: "status", "conditions"] = .array(conditions)
  }

  package mutating func removeCondition(_ type: String) {
    guard condition(type) != nil else { return }
    let conditions = (self["status"]?["conditions"]?.items ?? []).filter { $0["type"]?.string != type }
    self[path: "status", "conditions"] = conditions.isEmpty ? nil : .array(conditions)
  }
}
