package import APIClient
import JSONTree
import KubernetesAPI
import Synchronization

/// What a path means.
struct Target {
  let kind: ResourceKind
  var namespace: String?
  var name: String?
  var subresource: String?

  init(_ path: String, kinds: [ResourceKind]) throws {
    var parts = path.split(separator: "/").map(String.init)
    let isCore = parts.first == "api"
    guard parts.count >= (isCore ? 3 : 4), isCore || parts.first == "apis" else {
      throw FakeFailure(404, "NotFound", "the fake does not serve \(path)")
    }
    let groupVersion =
      isCore ? GroupVersion(version: parts[1]) : GroupVersion(group: parts[1], version: parts[2])
    parts.removeFirst(isCore ? 2 : 3)
    if parts.count >= 3, parts[0] == "namespaces", !["status", "finalize"].contains(parts[2]) {
      namespace = parts[1]
      parts.removeFirst(2)
    }
    let plural = parts[0]
    guard let kind = kinds.first(where: { $0.plural == plural && $0.groupVersion == groupVersion }) else {
      throw FakeFailure(404, "NotFound", "the fake does not serve \(path)")
    }
    self.kind = kind
    if parts.count > 1 { name = parts[1] }
    if parts.count > 2 { subresource = parts[2] }
    if let subresource, !kind.subresources.contains(subresource) {
      throw FakeFailure(404, "NotFound", "\(kind.plural) have no \(subresource)")
    }
    if kind.isNamespaced, name != nil, namespace == nil {
      throw FakeFailure(404, "NotFound", "\(kind.plural) are namespaced")
    }
  }

  func objectName(_ name: String) -> ObjectName { ObjectName(namespace: namespace ?? "", name: name) }
}

extension FakeAPI {
  func admit(_ request: APIRequest) throws {
    let isReachable = state.withLock { state in
      state.seen.append(
        Seen(
          verb: request.verb, path: request.path,
          isWatch: request.query.contains { $0.name == "watch" && $0.value == "true" }))
      return state.isReachable
    }
    guard isReachable else { throw APIError(.connection, "the fake is disconnected") }
    try intercept?(request)
  }

  package func send(_ request: APIRequest) async throws -> APIResponse {
    try Task.checkCancellation()
    do {
      try admit(request)
      let target = try Target(request.path, kinds: kinds)
      let body = try request.body.map { try JSON.parse($0) }
      let answer = try perform(request, target, body: body ?? .null)
      return APIResponse(status: request.verb == .post ? 201 : 200, body: answer.encoded())
    } catch let failure as FakeFailure {
      return APIResponse(status: failure.code, body: failure.status.encoded())
    } catch let error as KubernetesAPIError {
      let failure = FakeFailure(400, "BadRequest", error.message)
      return APIResponse(status: failure.code, body: failure.status.encoded())
    }
  }

  private func perform(_ request: APIRequest, _ target: Target, body: JSON) throws -> JSON {
    try state.withLock { state in
      guard let name = target.name else {
        switch request.verb {
        case .get: return try list(target, query: request.query, in: state)
        case .post: return try create(target, body, in: &state)
        case .delete:
          let selection = try Selection(request.query)
          for object in state.objects[target.kind, default: [:]].values
          where object.namespace == target.namespace ?? "" && selection.matches(object) {
            _ = try delete(target, object, options: body, in: &state)
          }
          return ["kind": "Status", "apiVersion": "v1", "status": "Success"]
        default: throw FakeFailure(405, "MethodNotAllowed", "no \(request.verb.rawValue) of collections")
        }
      }
      guard let current = state.objects[target.kind]?[target.objectName(name)] else {
        throw FakeFailure.notFound(target.kind, name)
      }
      switch request.verb {
      case .get: return target.subresource == "scale" ? scale(of: current) : current
      case .post: return try createSubresource(target, current, body, in: &state)
      case .put: return try update(target, current, with: body, in: &state)
      case .patch:
        let type = request.headers.first { $0.name == "Content-Type" }?.value ?? ""
        let base = target.subresource == "scale" ? scale(of: current) : current
        return try update(target, current, with: try patched(base, of: target.kind, by: body, type: type), in: &state)
      case .delete: return try delete(target, current, options: body, in: &state)
      }
    }
  }

  private func patched(_ object: JSON, of kind: ResourceKind, by patch: JSON, type: String) throws -> JSON {
    switch PatchType(rawValue: type) {
    case .json: try JSONPatch(patch).apply(to: object)
    case .merge: MergePatch.apply(patch, to: object)
    case .strategic:
      try StrategicMergePatch.apply(patch, to: object, schema: SchemaRegistry.shared.patchSchema(for: kind))
    case nil: throw FakeFailure(415, "UnsupportedMediaType", "\(type) is no patch format")
    }
  }

  private func list(_ target: Target, query: [NamedValue], in state: State) throws -> JSON {
    let selection = try Selection(query)
    var items = (state.objects[target.kind] ?? [:]).values
      .filter { (target.namespace == nil || $0.namespace == target.namespace) && selection.matches($0) }
      .sorted { $0.objectName < $1.objectName }
    var metadata: JSON = ["resourceVersion": .string(String(state.revision))]
    // A page token is "REVISION NAMESPACE/NAME" of the last object told.
    if let token = query.first(where: { $0.name == "continue" })?.value {
      let parts = token.split(separator: " ", maxSplits: 1).map(String.init)
      guard parts.count == 2, let revision = Int(parts[0]), revision >= state.compactedRevision else {
        throw FakeFailure(410, "Expired", "The provided continue parameter is too old")
      }
      metadata["resourceVersion"] = .string(parts[0])
      items.removeAll { $0.objectName.description <= parts[1] }
    }
    if let limit = query.first(where: { $0.name == "limit" }).flatMap({ Int($0.value) }), items.count > limit {
      items = Array(items.prefix(limit))
      metadata["continue"] = .string("\(metadata.listVersion) \(items.last?.objectName.description ?? "")")
    }
    let untyped = items.map { item in
      var item = item
      item["apiVersion"] = nil
      item["kind"] = nil
      return item
    }
    return [
      "kind": .string(target.kind.listKind), "apiVersion": .string(target.kind.apiVersion), "metadata": metadata,
      "items": .array(untyped),
    ]
  }
}

extension JSON {
  fileprivate var listVersion: String { self["resourceVersion"]?.string ?? "" }
}
