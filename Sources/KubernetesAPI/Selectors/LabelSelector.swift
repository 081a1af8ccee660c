package import JSONTree

/// Which labels are meant: all requirements must hold. Without requirements every object is meant.
package struct LabelSelector: Hashable, Sendable, CustomStringConvertible {
  /// In the order of their keys.
  package let requirements: [LabelRequirement]
  /// True for the selector that means no object at all.
  package let matchesNothing: Bool

  package static let everything = LabelSelector(requirements: [])
  package static let nothing = LabelSelector(requirements: [], matchesNothing: true)

  package init(requirements: [LabelRequirement], matchesNothing: Bool = false) {
    self.requirements = requirements.sorted { $0.key < $1.key }
    self.matchesNothing = matchesNothing
  }

  /// Exactly these labels, unchecked, as a Service's `spec.selector` means them.
  package init(labels: [String: String]) {
    self.init(requirements: labels.map { LabelRequirement(trusted: $0.key, .equals, [$0.value]) })
  }

  /// Parses the query syntax: `app=web,tier in (a,b),!old`.
  package init(_ text: String) throws(KubernetesAPIError) {
    var parser = LabelSelectorParser(text)
    self.init(requirements: try parser.parse())
  }

  /// From an object of type LabelSelector (`matchLabels`, `matchExpressions`). A missing selector means nothing, an
  /// empty one everything.
  package init(object: JSON?) throws(KubernetesAPIError) {
    guard let object, !object.isNull else {
      self = .nothing
      return
    }
    var requirements: [LabelRequirement] = []
    for member in object["matchLabels"]?.object?.members ?? [] {
      requirements.append(try LabelRequirement(key: member.key, .equals, [member.value.string ?? ""]))
    }
    for expression in object["matchExpressions"]?.items ?? [] {
      let name = expression["operator"]?.string ?? ""
      let kinds: [String: LabelRequirement.Operator] = [
        "In": .isIn, "NotIn": .isNotIn, "Exists": .exists, "DoesNotExist": .doesNotExist,
      ]
      guard let kind = kinds[name] else {
        throw KubernetesAPIError(.invalidSelector, "\(name.goQuoted) is not a valid label selector operator")
      }
      let values = (expression["values"]?.items ?? []).compactMap(\.string)
      requirements.append(try LabelRequirement(key: expression["key"]?.string ?? "", kind, values))
    }
    self.init(requirements: requirements)
  }

  package var matchesEverything: Bool { requirements.isEmpty && !matchesNothing }

  package func matches(_ labels: [String: String]) -> Bool { matches(looking: { labels[$0] }) }

  /// Whether the labels found through `value` are meant.
  package func matches(looking value: (String) -> String?) -> Bool {
    !matchesNothing && requirements.allSatisfy { $0.matches(value) }
  }

  /// The one value a label must have, where the selector asks for exactly one. For indexes.
  package func exactValue(of key: String) -> String? {
    guard let found = requirements.first(where: { $0.key == key }), found.values.count == 1 else { return nil }
    return [.equals, .doubleEquals, .isIn].contains(found.operator) ? found.values[0] : nil
  }

  /// The query syntax.
  package var description: String { requirements.map(\.description).joined(separator: ",") }
}
