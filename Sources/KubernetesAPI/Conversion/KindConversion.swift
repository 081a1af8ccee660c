package import JSONTree

/// A kind that is served in two versions and stored in one of them.
package struct KindConversion: Sendable {
  /// As clients of this version see it.
  package let served: ResourceKind
  /// As it is stored, and served as well.
  package let stored: ResourceKind
  package let toStored: @Sendable (JSON) -> JSON
  package let toServed: @Sendable (JSON) -> JSON
  /// What fields are called in selectors: the beginning of the served name, and of the stored one.
  let fields: [(served: String, stored: String)]

  /// The conversion of a served kind; `nil` where it is stored as it is served.
  package static func of(_ kind: ResourceKind) -> KindConversion? { all.first { $0.served == kind } }

  private static let all: [KindConversion] = [
    KindConversion(
      served: .events, stored: .coreEvents, toStored: EventConversion.toCore, toServed: EventConversion.fromCore,
      fields: [("regarding.", "involvedObject."), ("reportingController", "reportingComponent")]),
    KindConversion(
      served: .horizontalPodAutoscalersV1, stored: .horizontalPodAutoscalers,
      toStored: AutoscalerConversion.toSecond, toServed: AutoscalerConversion.toFirst, fields: []),
  ]

  /// A field selector in the stored kind's words.
  package func storedSelector(_ text: String) -> String {
    text.split(separator: ",", omittingEmptySubsequences: false).map { term in
      for (served, stored) in fields where term.hasPrefix(served) { return stored + term.dropFirst(served.count) }
      return String(term)
    }.joined(separator: ",")
  }

  /// What a server answers, with the stored kind's objects as the served kind's: an object, a list, a table of them.
  package func answer(_ tree: JSON) -> JSON {
    var answer = tree
    switch (tree.apiVersion, tree.kind) {
    case (stored.apiVersion, stored.kind): return toServed(tree)
    case (stored.apiVersion, stored.listKind):
      answer["apiVersion"] = .string(served.apiVersion)
      answer["kind"] = .string(served.listKind)
      answer["items"] = .array((tree["items"]?.items ?? []).map(item))
    case (_, "Table"):
      answer["rows"] = .array(
        (tree["rows"]?.items ?? []).map { row in
          var row = row
          row["object"] = row["object"].map(self.answer)
          return row
        })
    default: break
    }
    return answer
  }

  /// Items of a list may go without their type.
  private func item(_ item: JSON) -> JSON {
    var converted = toServed(item)
    for member in ["apiVersion", "kind"] where item[member] == nil { converted[member] = nil }
    return converted
  }
}

extension ResourceKind {
  package static let horizontalPodAutoscalersV1 = ResourceKind(
    "HorizontalPodAutoscaler", plural: "horizontalpodautoscalers", in: .autoscaling,
    schema: "io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler", shortNames: ["hpa"], categories: ["all"],
    subresources: ["status"])

  /// Every kind that clients find: those that are stored, further versions of them, and what is made when it is asked for.
  package static let discovered: [ResourceKind] = served + [horizontalPodAutoscalersV1, componentStatuses]
}
