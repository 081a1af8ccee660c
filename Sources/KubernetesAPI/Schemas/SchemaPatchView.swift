/// A message as strategic merge patches see it.
package struct MessagePatchView: PatchSchema {
  let registry: SchemaRegistry
  let message: MessageSchema

  package init(_ message: MessageSchema, registry: SchemaRegistry = .shared) {
    self.message = message
    self.registry = registry
  }

  package var patchTypeName: String { message.name.split(separator: ".").suffix(2).joined(separator: ".") }

  package func patchField(_ name: String) -> PatchField? {
    guard let field = message[name] else { return nil }
    return PatchField(
      strategy: field.patchStrategies.map(\.rawValue).joined(separator: ","), mergeKey: field.patchMergeKey,
      child: registry.patchView(of: field.type))
  }
}

/// A map as strategic merge patches see it: every member has the same schema.
struct MapPatchView: PatchSchema {
  let element: (any PatchSchema)?

  var patchTypeName: String { "map[string]\(element?.patchTypeName ?? "string")" }

  func patchField(_ name: String) -> PatchField? { PatchField(child: element) }
}

extension SchemaRegistry {
  /// The schema by which a kind's objects are patched.
  package func patchSchema(for kind: ResourceKind) -> (any PatchSchema)? {
    schema(for: kind).map { MessagePatchView($0, registry: self) }
  }

  /// Of a list, the schema of its elements.
  fileprivate func patchView(of type: FieldType) -> (any PatchSchema)? {
    switch type {
    case .message(let name): message(name).map { MessagePatchView($0, registry: self) }
    case .list(let element): patchView(of: element)
    case .map(let element): MapPatchView(element: patchView(of: element))
    default: nil
    }
  }
}
