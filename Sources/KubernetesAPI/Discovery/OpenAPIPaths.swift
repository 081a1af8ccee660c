import JSONTree

/// `paths` of a document: what may be done to each resource, and the kind it is done to.
struct OpenAPIPaths {
  let groupVersion: GroupVersion

  static func groupVersionKind(_ groupVersion: GroupVersion, _ kind: String) -> JSON {
    ["group": .string(groupVersion.group), "version": .string(groupVersion.version), "kind": .string(kind)]
  }

  func paths(of kind: ResourceKind) -> [JSONObject.Member] {
    let scope = kind.isNamespaced ? "Namespaced" : ""
    let collection = collectionPath(kind.plural, isNamespaced: kind.isNamespaced)
    let object = "\(collection)/{name}"
    let own = [kind.isNamespaced ? OpenAPIParameters.namespace : nil, OpenAPIParameters.pretty].compactMap { $0 }
    var result: [JSONObject.Member] = []
    var collectionItem: JSON = ["get": operation(.list, kind, id: "list\(title)\(scope)\(kind.kind)")]
    if kind.verbs.contains("create") {
      collectionItem["post"] = operation(.create, kind, id: "create\(title)\(scope)\(kind.kind)")
    }
    if kind.verbs.contains("deletecollection") {
      collectionItem["delete"] = operation(.deleteCollection, kind, id: "delete\(title)Collection\(scope)\(kind.kind)")
    }
    collectionItem["parameters"] = .array(own)
    result.append(.init(key: collection, value: collectionItem))
    var item: JSON = [:]
    let actions: [(verb: String, method: String, action: Action, word: String)] = [
      ("get", "get", .read, "read"), ("update", "put", .replace, "replace"), ("delete", "delete", .delete, "delete"),
      ("patch", "patch", .patch, "patch"),
    ]
    for (verb, method, action, word) in actions where kind.verbs.contains(verb) {
      item[method] = operation(action, kind, id: "\(word)\(title)\(scope)\(kind.kind)")
    }
    item["parameters"] = .array([OpenAPIParameters.name(of: kind.kind)] + own)
    result.append(.init(key: object, value: item))
    for subresource in kind.subresourceKinds {
      result.append(
        .init(key: "\(object)/\(subresource.name)", value: subresourcePath(subresource, of: kind, parameters: own)))
    }
    if kind.isNamespaced {
      let item: JSON = [
        "get": operation(.list, kind, id: "list\(title)\(kind.kind)ForAllNamespaces"),
        "parameters": [OpenAPIParameters.pretty],
      ]
      result.append(.init(key: collectionPath(kind.plural, isNamespaced: false), value: item))
    }
    return result
  }

  func path(of resource: VirtualResource) -> JSONObject.Member {
    let create = operation(
      .create, groupVersion: resource.groupVersion, kind: resource.kind, schema: resource.schemaName,
      id: "create\(title)\(resource.kind)")
    return .init(
      key: collectionPath(resource.plural, isNamespaced: resource.isNamespaced),
      value: ["post": create, "parameters": [OpenAPIParameters.pretty]])
  }

  private func subresourcePath(
    _ subresource: SubresourceKind, of kind: ResourceKind, parameters: [JSON]
  ) -> JSON {
    let scope = kind.isNamespaced ? "Namespaced" : ""
    let suffix = subresource.name.prefix(1).uppercased() + subresource.name.dropFirst()
    var item = JSONObject()
    let actions: [(verb: String, method: String, action: Action)] = [
      ("get", "get", .read), ("update", "put", .replace), ("create", "post", .create), ("delete", "delete", .delete),
      ("patch", "patch", .patch),
    ]
    for (verb, method, action) in actions where subresource.verbs.contains(verb) {
      item[method] = operation(
        action, groupVersion: subresource.groupVersion, kind: subresource.kind, schema: subresource.schemaName,
        id: "\(action.idVerb)\(title)\(scope)\(kind.kind)\(suffix)")
    }
    item["parameters"] = .array([OpenAPIParameters.name(of: kind.kind)] + parameters)
    return .object(item)
  }

  private func collectionPath(_ plural: String, isNamespaced: Bool) -> String {
    isNamespaced ? "\(groupVersion.path)/namespaces/{namespace}/\(plural)" : "\(groupVersion.path)/\(plural)"
  }

  /// `CoreV1`, `DiscoveryV1`.
  private var title: String {
    let group =
      groupVersion.group.isEmpty ? "core" : groupVersion.group.split(separator: ".").first.map(String.init) ?? ""
    return group.prefix(1).uppercased() + group.dropFirst() + "V" + groupVersion.version.dropFirst()
  }

  /// `core_v1`, `discovery_v1`.
  private var tag: String {
    let group =
      groupVersion.group.isEmpty ? "core" : groupVersion.group.split(separator: ".").first.map(String.init) ?? ""
    return "\(group)_\(groupVersion.version)"
  }
}

extension OpenAPIPaths {
  enum Action: String {
    case list, create = "post", deleteCollection = "deletecollection", read = "get", replace = "put", delete, patch

    /// The word that operation identifiers begin with.
    var idVerb: String {
      switch self {
      case .list: "list"
      case .create: "create"
      case .deleteCollection, .delete: "delete"
      case .read: "read"
      case .replace: "replace"
      case .patch: "patch"
      }
    }
  }

  private static let patchTypes = [
    "application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json",
    "application/strategic-merge-patch+json",
  ]

  private func operation(_ action: Action, _ kind: ResourceKind, id: String) -> JSON {
    let schema: String
    switch action {
    case .list: schema = kind.schemaName + "List"
    case .delete, .deleteCollection: schema = "io.k8s.apimachinery.pkg.apis.meta.v1.Status"
    default: schema = kind.schemaName
    }
    return operation(action, groupVersion: kind.groupVersion, kind: kind.kind, schema: schema, id: id)
  }

  private func operation(
    _ action: Action, groupVersion: GroupVersion, kind: String, schema: String, id: String
  ) -> JSON {
    var operation: JSON = [
      "tags": [.string(tag)], "description": .string(Self.text(action, kind)), "operationId": .string(id),
    ]
    let parameters = OpenAPIParameters.parameters(of: action)
    if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
    switch action {
    case .create, .replace: operation["requestBody"] = ["content": ["*/*": Self.media(schema)], "required": true]
    case .delete, .deleteCollection:
      operation["requestBody"] = ["content": ["*/*": Self.media(OpenAPISchemas.deleteOptions)]]
    case .patch:
      let patch = Self.media("io.k8s.apimachinery.pkg.apis.meta.v1.Patch")
      let content = Self.patchTypes.map { JSONObject.Member(key: $0, value: patch) }
      operation["requestBody"] = ["content": .object(JSONObject(members: content)), "required": true]
    case .list, .read: break
    }
    operation["responses"] = Self.responses(action, schema: schema)
    operation["x-kubernetes-action"] = .string(action.rawValue)
    operation["x-kubernetes-group-version-kind"] = Self.groupVersionKind(groupVersion, kind)
    return operation
  }

  private static func responses(_ action: Action, schema: String) -> JSON {
    let answer: JSON = ["description": "OK", "content": ["application/json": media(schema)]]
    var responses: JSON = ["200": answer]
    if action == .create || action == .replace || action == .patch {
      responses["201"] = ["description": "Created", "content": ["application/json": media(schema)]]
    }
    if action == .create || action == .delete {
      responses["202"] = ["description": "Accepted", "content": ["application/json": media(schema)]]
    }
    responses["401"] = ["description": "Unauthorized"]
    return responses
  }

  private static func media(_ schema: String) -> JSON {
    ["schema": ["$ref": .string("#/components/schemas/\(schema)")]]
  }

  private static func text(_ action: Action, _ kind: String) -> String {
    switch action {
    case .list: "list or watch objects of kind \(kind)"
    case .create: "create a \(kind)"
    case .deleteCollection: "delete collection of \(kind)"
    case .read: "read the specified \(kind)"
    case .replace: "replace the specified \(kind)"
    case .delete: "delete a \(kind)"
    case .patch: "partially update the specified \(kind)"
    }
  }
}
