package import JSONTree

package struct Taint: Sendable, Hashable {
  package let key: String
  package let value: String
  /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
  package let effect: String

  package init(_ taint: JSON) {
    key = taint["key"]?.string ?? ""
    value = taint["value"]?.string ?? ""
    effect = taint["effect"]?.string ?? ""
  }

  package init(key: String, effect: String) {
    self.key = key
    value = ""
    self.effect = effect
  }

  /// Whether it keeps pods away, rather than only being disliked.
  package var isHard: Bool { effect == "NoSchedule" || effect == "NoExecute" }
}

package struct Toleration: Sendable, Hashable {
  package let key: String
  package let isExists: Bool
  package let value: String
  package let effect: String

  package init(_ toleration: JSON) {
    key = toleration["key"]?.string ?? ""
    isExists = toleration["operator"]?.string == "Exists"
    value = toleration["value"]?.string ?? ""
    effect = toleration["effect"]?.string ?? ""
  }

  package func tolerates(_ taint: Taint) -> Bool {
    (effect.isEmpty || effect == taint.effect) && (key.isEmpty || key == taint.key)
      && (isExists || (value == taint.value && !key.isEmpty))
  }
}
