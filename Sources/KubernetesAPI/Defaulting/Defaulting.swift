package import JSONTree

/// Fills in what an object leaves open, as upstream's API does before it validates and stores.
///
/// Most defaults stand in the schema tables; what must be computed is in ``ComputedDefaults``, one rule per message.
package struct Defaulting: Sendable {
  package let registry: SchemaRegistry

  package init(registry: SchemaRegistry = .shared) { self.registry = registry }

  /// Applies the defaults of `kind` to a decoded object.
  package func apply(to object: inout JSON, kind: ResourceKind) {
    guard let schema = registry.schema(for: kind) else { return }
    apply(to: &object, schema: schema)
  }

  /// Applies the defaults of a message, for objects that are no served kind (`TokenRequest`, a pod template).
  package func apply(to object: inout JSON, schema: MessageSchema) {
    guard case .object(var members) = object else { return }
    object = .null  // Gives up the reference, so that the members change in place.
    fill(&members, schema)
    object = .object(members)
  }

  /// Computed defaults that look at what the user left open come first; those that refine filled values come last.
  private func fill(_ object: inout JSONObject, _ schema: MessageSchema) {
    ComputedDefaults.before[schema.name]?(&object)
    for position in schema.defaulted {
      let field = schema.fields[position]
      guard let value = field.defaultValue else { continue }
      if let existing = object[field.name] {
        // An enumerated text that is empty means that nothing was chosen.
        guard existing == "", !field.allowedValues.isEmpty, !field.allowedValues.contains("") else { continue }
      }
      object[field.name] = value
    }
    for index in object.members.indices {
      guard let field = schema[object.members[index].key], field.type.messageName != nil else { continue }
      fill(&object.members[index].value, field.type)
    }
    ComputedDefaults.after[schema.name]?(&object)
  }

  private func fill(_ value: inout JSON, _ type: FieldType) {
    switch type {
    case .message(let name):
      guard let schema = registry.message(name), case .object(var object) = value else { return }
      value = .null
      fill(&object, schema)
      value = .object(object)
    case .list(let element):
      guard case .array(var elements) = value else { return }
      value = .null
      for index in elements.indices { fill(&elements[index], element) }
      value = .array(elements)
    case .map(let element):
      guard case .object(var object) = value else { return }
      value = .null
      for index in object.members.indices { fill(&object.members[index].value, element) }
      value = .object(object)
    default: break
    }
  }
}
