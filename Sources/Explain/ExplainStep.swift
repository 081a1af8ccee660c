package import JSONTree

/// One step of a packet's way, with its reason and the object and field behind it.
package struct ExplainStep: Hashable, Sendable {
  /// In the order in which a packet takes them.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case name, service, endpoints, egress, route, ingress, listening, probe
  }

  package enum Outcome: String, Hashable, Sendable {
    case passes
    case blocks
    case unknown
  }

  package let kind: Kind
  package let outcome: Outcome
  package var text: String
  /// `KIND NAMESPACE/NAME`, where an object decides.
  package let object: String?
  /// The field of it, where one decides.
  package let field: String?

  package init(_ kind: Kind, _ outcome: Outcome, _ text: String, object: String? = nil, field: String? = nil) {
    self.kind = kind
    self.outcome = outcome
    self.text = text
    self.object = object
    self.field = field
  }

  package var tree: JSON {
    var tree: JSON = [
      "step": .string(kind.rawValue), "outcome": .string(outcome.rawValue), "text": .string(text),
    ]
    if let object { tree["object"] = .string(object) }
    if let field { tree["field"] = .string(field) }
    return tree
  }

  /// `nil` where the tree is none of a step's.
  package init?(_ tree: JSON) {
    guard let kind = tree["step"]?.string.flatMap(Kind.init), let text = tree["text"]?.string,
      let outcome = tree["outcome"]?.string.flatMap(Outcome.init)
    else { return nil }
    self.init(kind, outcome, text, object: tree["object"]?.string, field: tree["field"]?.string)
  }
}

extension [ExplainStep] {
  package var tree: JSON { .array(map(\.tree)) }
}
