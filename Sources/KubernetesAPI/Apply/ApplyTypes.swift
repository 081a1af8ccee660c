import JSONTree

/// How server-side apply sees a value: what is owned as a whole and what part by part.
indirect enum ApplyShape: Sendable {
  /// Owned as a whole: a scalar, or a list or map that is marked so.
  case leaf
  /// An object of a message, by its place in ``ApplyTypes``.
  case message(Int)
  /// A map; every member is owned by itself.
  case map(ApplyShape)
  /// A list of scalars, each its own key.
  case set
  /// A list of objects with keys.
  case keyed(ApplyShape, [ApplyTypes.Key])
  /// Of no known type: objects are owned member by member, all else as a whole.
  case deduced
}

/// The schema tables' merge rules, worked out once for all messages.
struct ApplyTypes: Sendable {
  static let shared = ApplyTypes(.shared)

  /// A key of a list's elements.
  struct Key: Sendable {
    let name: String
    /// Stands for the key where an element leaves it out.
    let defaultValue: JSON?
  }

  struct Field: Sendable {
    let element: PathElement
    let shape: ApplyShape
    /// Upstream's types always write the field, empty if need be, so nobody adds it.
    let placeholder: JSON?
  }

  struct Message: Sendable {
    let schema: MessageSchema
    let fields: [Field]

    subscript(_ name: String) -> Field? { schema.index(of: name).map { fields[$0] } }
  }

  let messages: [Message]
  private let positions: [String: Int]

  init(_ registry: SchemaRegistry) {
    let positions = Dictionary(
      registry.messages.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    self.positions = positions
    messages = registry.messages.map { message in
      Message(
        schema: message,
        fields: message.fields.map { field in
          let shape = Self.shape(field.type, field.mergeStructure, registry, positions)
          return Field(
            element: .member(field.name), shape: shape,
            placeholder: AlwaysWritten.placeholder(field, in: message, shape))
        })
    }
  }

  func shape(of kind: ResourceKind) -> ApplyShape { positions[kind.schemaName].map { .message($0) } ?? .deduced }

  /// Keys that default to the empty text, which nobody writes into objects.
  private static let emptyKeys: [String: [String: JSON]] = ["LocalObjectReference": ["name": ""]]

  private static func shape(
    _ type: FieldType, _ structure: MergeStructure?, _ registry: SchemaRegistry, _ positions: [String: Int]
  ) -> ApplyShape {
    switch (type, structure) {
    case (_, .atomic?): .leaf
    case (.message(let name), _):
      if let position = positions[name], !registry.messages[position].isAtomic { .message(position) } else { .leaf }
    case (.map(let element), _): .map(shape(element, nil, registry, positions))
    case (.list, .set?): .set
    case (.list(let element), .map(let names)?):
      .keyed(
        shape(element, nil, registry, positions),
        names.map { name in
          let message = registry.message(of: element)
          return Key(
            name: name,
            defaultValue: message?[name]?.defaultValue ?? emptyKeys[message?.shortName ?? ""]?[name])
        })
    case (.raw, _), (.fields, _): .deduced
    default: .leaf
    }
  }
}

/// Fields that upstream's Go types write even when they are empty, on the way from an object's top to where lists and
/// maps begin (k8s.io/api: structs that are no pointers, and lists without `omitempty`).
private enum AlwaysWritten {
  private static let structs: Set<String> = [
    "metadata", "spec", "status", "template", "strategy", "updateStrategy", "jobTemplate", "loadBalancer",
    "daemonEndpoints", "kubeletEndpoint", "nodeInfo", "source", "resources",
  ]
  /// Pointers of the same names.
  private static let pointers: Set<String> = [
    "ReplicationControllerSpec.template", "PersistentVolume.source", "IngressBackend.resource",
  ]
  private static let lists: Set<String> = ["PodSpec.containers"]

  static func placeholder(_ field: FieldSchema, in message: MessageSchema, _ shape: ApplyShape) -> JSON? {
    let name = "\(message.shortName).\(field.name)"
    switch shape {
    case .message where structs.contains(field.name) && !pointers.contains(name): return [:]
    case .keyed where lists.contains(name): return []
    default: return nil
    }
  }
}
