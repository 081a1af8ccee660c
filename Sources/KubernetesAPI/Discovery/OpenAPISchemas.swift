import JSONTree

/// `components.schemas` of a document.
struct OpenAPISchemas {
  let registry: SchemaRegistry
  /// The document's; the options that every group shares name their kind in each.
  let groupVersions: [GroupVersion]

  static let deleteOptions = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"
  private static let meta = "io.k8s.apimachinery.pkg.apis.meta.v1"

  private enum Leaf: String, CaseIterable {
    case quantity = "io.k8s.apimachinery.pkg.api.resource.Quantity"
    case intOrString = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
    case time = "io.k8s.apimachinery.pkg.apis.meta.v1.Time"
    case microTime = "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime"
    case raw = "io.k8s.apimachinery.pkg.runtime.RawExtension"
    case fields = "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1"
    case patch = "io.k8s.apimachinery.pkg.apis.meta.v1.Patch"
  }

  /// The schemas of `roots` and of all they refer to, by name.
  func schemas(reachableFrom roots: [String]) -> JSON {
    .object(
      JSONObject(
        members: names(reachableFrom: roots).compactMap { name in
          schema(named: name).map { JSONObject.Member(key: name, value: $0) }
        }))
  }

  /// The names of `roots` and of all they refer to, in order.
  func names(reachableFrom roots: [String]) -> [String] {
    var seen = Set(Leaf.allCases.map(\.rawValue))
    var pending = roots
    while let name = pending.popLast() {
      guard let message = registry.message(name), seen.insert(name).inserted else { continue }
      pending += message.fields.compactMap(\.type.messageName)
    }
    return seen.sorted()
  }

  func schema(named name: String) -> JSON? {
    if let leaf = Leaf(rawValue: name) { return Self.schema(of: leaf) }
    return registry.message(name).map(schema(of:))
  }

  private func schema(of message: MessageSchema) -> JSON {
    var object: JSON = ["description": .string(message.text), "type": "object"]
    let required = message.fields.filter(\.isRequired)
    if !required.isEmpty { object["required"] = DiscoveryDocuments.list(required.map(\.name)) }
    object["properties"] = .object(
      JSONObject(members: message.fields.map { JSONObject.Member(key: $0.name, value: property($0)) }))
    if message.isKind { object["x-kubernetes-group-version-kind"] = groupVersionKinds(of: message) }
    if message.isAtomic { object["x-kubernetes-map-type"] = "atomic" }
    return object
  }

  private func groupVersionKinds(of message: MessageSchema) -> JSON {
    let own = message.name.hasPrefix(Self.meta) ? [GroupVersion.core] + groupVersions : [message.groupVersion]
    var seen: Set<GroupVersion> = []
    return .array(
      own.filter { seen.insert($0).inserted }.map { OpenAPIPaths.groupVersionKind($0, message.shortName) })
  }

  private func property(_ field: FieldSchema) -> JSON {
    var property = schema(of: field.type)
    if !field.text.isEmpty { property["description"] = .string(field.text) }
    if let value = field.defaultValue {
      property["default"] = value
    } else if case .message = field.type {
      property["default"] = [:]
    }
    if !field.allowedValues.isEmpty { property["enum"] = DiscoveryDocuments.list(field.allowedValues) }
    if !field.patchStrategies.isEmpty {
      property["x-kubernetes-patch-strategy"] = .string(field.patchStrategies.map(\.rawValue).joined(separator: ","))
    }
    if let key = field.patchMergeKey { property["x-kubernetes-patch-merge-key"] = .string(key) }
    switch (field.mergeStructure, field.type) {
    case (.atomic, .map): property["x-kubernetes-map-type"] = "atomic"
    case (.atomic, _): property["x-kubernetes-list-type"] = "atomic"
    case (.granular, _): property["x-kubernetes-map-type"] = "granular"
    case (.set, _): property["x-kubernetes-list-type"] = "set"
    case (.map(let keys), _):
      property["x-kubernetes-list-type"] = "map"
      property["x-kubernetes-list-map-keys"] = DiscoveryDocuments.list(keys)
    case (nil, _): break
    }
    return property
  }

  private func schema(of type: FieldType) -> JSON {
    switch type {
    case .string: ["type": "string"]
    case .bool: ["type": "boolean"]
    case .int32: ["type": "integer", "format": "int32"]
    case .int64: ["type": "integer", "format": "int64"]
    case .double: ["type": "number", "format": "double"]
    case .bytes: ["type": "string", "format": "byte"]
    case .quantity: Self.reference(to: Leaf.quantity.rawValue)
    case .intOrString: Self.reference(to: Leaf.intOrString.rawValue)
    case .time: Self.reference(to: Leaf.time.rawValue)
    case .microTime: Self.reference(to: Leaf.microTime.rawValue)
    case .raw: Self.reference(to: Leaf.raw.rawValue)
    case .fields: Self.reference(to: Leaf.fields.rawValue)
    case .strings: ["type": "array", "items": ["type": "string"]]
    case .message(let name): Self.reference(to: name)
    case .list(let element): ["type": "array", "items": items(element)]
    case .map(let element): ["type": "object", "additionalProperties": items(element)]
    }
  }

  private func items(_ element: FieldType) -> JSON {
    var schema = schema(of: element)
    switch element {
    case .message: schema["default"] = [:]
    case .string: schema["default"] = ""
    default: break
    }
    return schema
  }

  /// Wrapped in `allOf`, because OpenAPI 3.0 ignores what stands beside `$ref`.
  private static func reference(to name: String) -> JSON {
    ["allOf": [["$ref": .string("#/components/schemas/\(name)")]]]
  }

  private static func schema(of leaf: Leaf) -> JSON {
    switch leaf {
    case .quantity:
      [
        "description": "An amount of a resource, such as 500m or 1Gi: a number, optionally with a suffix.",
        "oneOf": [["type": "string"], ["type": "number"]],
      ]
    case .intOrString:
      [
        "description": "A whole number or a text.", "format": "int-or-string",
        "oneOf": [["type": "integer"], ["type": "string"]],
      ]
    case .time: ["description": "A moment, in RFC 3339 with whole seconds.", "type": "string", "format": "date-time"]
    case .microTime:
      ["description": "A moment, in RFC 3339 with microseconds.", "type": "string", "format": "date-time"]
    case .raw: ["description": "Any object.", "type": "object"]
    case .fields: ["description": "The set of fields that a manager owns, as a tree.", "type": "object"]
    case .patch: ["description": "A change to an object, in the form its content type names.", "type": "object"]
    }
  }
}
