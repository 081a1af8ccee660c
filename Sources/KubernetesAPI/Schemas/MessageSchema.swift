/// What is known of one message: a kind, or a part of one.
package final class MessageSchema: Sendable {
  /// The full name, as in OpenAPI: `io.k8s.api.core.v1.PodSpec`.
  package let name: String
  package let groupVersion: GroupVersion
  /// The message is a kind of its own: its JSON carries `apiVersion` and `kind`.
  package let isKind: Bool
  /// The message is the list of a kind.
  package let isList: Bool
  /// Server-side apply replaces the message as a whole.
  package let isAtomic: Bool
  package let text: String
  /// In the order of the tables; fields of embedded messages stand where they are embedded.
  package let fields: [FieldSchema]
  /// Positions in ``fields`` of those with a default.
  let defaulted: [Int]
  private let positions: [String: Int]

  init(
    name: String, groupVersion: GroupVersion, isKind: Bool, isList: Bool, isAtomic: Bool, text: String,
    fields: [FieldSchema]
  ) {
    self.name = name
    self.groupVersion = groupVersion
    self.isKind = isKind
    self.isList = isList
    self.isAtomic = isAtomic
    self.text = text
    self.fields = fields
    defaulted = fields.indices.filter { fields[$0].defaultValue != nil }
    positions = Dictionary(fields.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The name without its package: `PodSpec`.
  package var shortName: String {
    String(name[(name.lastIndex(of: ".").map(name.index(after:)) ?? name.startIndex)...])
  }

  /// The field with this JSON name.
  package subscript(_ name: some StringProtocol) -> FieldSchema? { positions[String(name)].map { fields[$0] } }

  /// Position in ``fields``.
  package func index(of name: String) -> Int? { positions[name] }
}
