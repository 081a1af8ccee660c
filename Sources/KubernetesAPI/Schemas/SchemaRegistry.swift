/// Every message the API knows, read from ``SchemaTables`` once.
package final class SchemaRegistry: Sendable {
  package static let shared = SchemaRegistry(tables: SchemaTables.all)

  /// In the order of the tables.
  package let messages: [MessageSchema]
  private let positions: [String: Int]

  init(tables: [String]) {
    var parser = SchemaTableParser()
    for table in tables { parser.read(table) }
    let messages = parser.link()
    self.messages = messages
    positions = Dictionary(messages.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The message with this full name.
  package func message(_ name: String) -> MessageSchema? { positions[name].map { messages[$0] } }

  /// The message a field's value is, or its elements are.
  package func message(of type: FieldType) -> MessageSchema? { type.messageName.flatMap(message) }

  /// The schema of a kind's objects.
  package func schema(for kind: ResourceKind) -> MessageSchema? { message(kind.schemaName) }

  /// The schema of a kind by its name, also for kinds that are not stored (`Status`, `DeleteOptions`, `Scale`, …).
  package func schema(apiVersion: String, kind: String) -> MessageSchema? {
    messages.first { $0.isKind && $0.shortName == kind && $0.groupVersion.description == apiVersion }
  }
}
