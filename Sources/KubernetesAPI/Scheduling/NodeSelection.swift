package import JSONTree

/// Which nodes a pod may and would like to run on: `nodeSelector` and node affinity.
package struct NodeSelection: Sendable {
  struct Expression: Sendable {
    let key: String
    let comparison: String
    let values: [String]

    init(_ expression: JSON) {
      key = expression["key"]?.string ?? ""
      comparison = expression["operator"]?.string ?? ""
      values = (expression["values"]?.items ?? []).compactMap(\.string)
    }

    func matches(_ value: String?) -> Bool {
      switch comparison {
      case "In": return value.map(values.contains) ?? false
      case "NotIn": return !(value.map(values.contains) ?? false)
      case "Exists": return value != nil
      case "DoesNotExist": return value == nil
      case "Gt", "Lt":
        guard let number = value.flatMap(Int64.init), let bound = values.first.flatMap({ Int64($0) }) else {
          return false
        }
        return comparison == "Gt" ? number > bound : number < bound
      default: return false
      }
    }
  }

  /// All expressions must hold; a term without any matches nothing.
  package struct Term: Sendable {
    let labels: [Expression]
    let fields: [Expression]

    init(_ term: JSON) {
      labels = (term["matchExpressions"]?.items ?? []).map(Expression.init)
      fields = (term["matchFields"]?.items ?? []).map(Expression.init)
    }

    package func matches(node name: String, labels nodeLabels: [String: String]) -> Bool {
      guard !labels.isEmpty || !fields.isEmpty else { return false }
      return labels.allSatisfy { $0.matches(nodeLabels[$0.key]) }
        && fields.allSatisfy { $0.matches($0.key == "metadata.name" ? name : nil) }
    }
  }

  let labels: [String: String]
  /// One of them must match; `nil` where none is demanded.
  let required: [Term]?
  package let preferred: [(weight: Int64, term: Term)]

  package init(podSpec: JSON) {
    labels = podSpec["nodeSelector"]?.object?.strings ?? [:]
    let affinity = podSpec["affinity"]?["nodeAffinity"]
    required = affinity?["requiredDuringSchedulingIgnoredDuringExecution"]
      .map { ($0["nodeSelectorTerms"]?.items ?? []).map(Term.init) }
    preferred = (affinity?["preferredDuringSchedulingIgnoredDuringExecution"]?.items ?? []).map {
      ($0["weight"]?.int ?? 1, Term($0["preference"] ?? [:]))
    }
  }

  /// Whether the pod asks for anything but wishes.
  package var isDemanding: Bool { !labels.isEmpty || required != nil }

  package func allows(node name: String, labels nodeLabels: [String: String]) -> Bool {
    labels.allSatisfy { nodeLabels[$0.key] == $0.value }
      && (required?.contains { $0.matches(node: name, labels: nodeLabels) } ?? true)
  }
}
