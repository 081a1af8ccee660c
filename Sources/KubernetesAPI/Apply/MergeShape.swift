import JSONTree

/// How server-side apply sees a value: what its parts are and by what they are known.
enum MergeShape {
  /// Owned as a whole.
  case leaf
  /// Members with shapes of their own.
  case message(MessageSchema)
  /// Any members, all of one type.
  case map(FieldType)
  /// Elements that are their own keys.
  case set
  /// Elements that are known by the values of some of their members.
  case list(keys: [String], of: MessageSchema)

  init(_ field: FieldSchema, _ registry: SchemaRegistry) {
    self.init(field.type, structure: field.mergeStructure, registry)
  }

  /// - Parameter structure: what the field says of it; the type decides where it says nothing.
  init(_ type: FieldType, structure: MergeStructure? = nil, _ registry: SchemaRegistry) {
    self = .leaf
    if structure == .atomic { return }
    switch type {
    case .message(let name):
      guard let schema = registry.message(name), structure == .granular || !schema.isAtomic else { return }
      self = .message(schema)
    case .map(let element): self = .map(element)
    case .list(let element):
      switch structure {
      case .set?: self = .set
      case .map(let keys)?:
        if let schema = registry.message(of: element) { self = .list(keys: keys, of: schema) }
      default: return
      }
    default: return
    }
  }

  /// The path element of a member.
  static func element(ofField name: String) -> String { "f:" + name }

  /// The path element of an element that is its own key.
  static func element(ofValue value: JSON) -> String { "v:" + value.description }

  /// The path element of an element known by its keys; a key that is missing has its default. `nil` where one is missing
  /// and has none.
  static func element(of value: JSON, keys: [String], _ schema: MessageSchema) -> String? {
    var parts = JSONObject()
    for key in keys.sorted() {
      guard let part = value[key] ?? schema[key]?.defaultValue else { continue }
      parts.members.append(.init(key: key, value: part))
    }
    return parts.isEmpty ? nil : "k:" + JSON.object(parts).description
  }
}
