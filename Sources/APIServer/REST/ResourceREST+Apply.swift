import JSONTree
import KubernetesAPI

/// Server-side apply: a PATCH with a configuration, which creates what is not there.
extension ResourceREST {
  private static let attempts = 20

  func apply(_ body: ApplyBody, _ request: ResourceRequest) async throws(APIStatus) -> APIServerResponse {
    for attempt in 1... {
      do throws(APIStatus) {
        if try registry.object(request.kind, request.name) != nil {
          let written = try await change(request, writtenBy: nil) { (old) throws(APIStatus) in
            try merged(old, body, request)
          }
          return try answer(written, to: request, warnings: body.warnings)
        }
        return try await createApplied(body, request)
      } catch {
        // Somebody else has made or removed the object meanwhile.
        let wasRaced =
          error.reason == "AlreadyExists" || (error.reason == "NotFound" && request.info.subresource.isEmpty)
        guard wasRaced, error.details?.name == request.info.name, attempt < Self.attempts else { throw error }
      }
    }
    throw .modified(request.kind, request.info.name)
  }

  private func createApplied(
    _ body: ApplyBody, _ request: ResourceRequest
  ) async throws(APIStatus) -> APIServerResponse {
    guard request.info.subresource.isEmpty else { throw .notFound(request.kind, request.info.name) }
    let object = try merged(nil, body, request)
    if !object.uid.isEmpty {
      throw .conflict(
        request.kind, request.info.name,
        "uid mismatch: the provided object specified uid \(object.uid), and no existing object was found")
    }
    switch try await create(object, for: request, writtenBy: nil) {
    case .stored(let cached): return try answer(cached, to: request, code: 201, warnings: body.warnings)
    case .dryRun(let tree): return try answer(tree, to: request, code: 201, warnings: body.warnings)
    }
  }

  /// The object with the configuration laid over it, fitted to its schema.
  private func merged(_ old: JSON?, _ body: ApplyBody, _ request: ResourceRequest) throws(APIStatus) -> JSON {
    var object = try Self.merged(
      old, body.configuration, body, FieldManager(request.kind, subresource: request.info.subresource))
    try checkNames(&object, for: request)
    _ = try SchemaRules.fit(&object, kind: request.kind, validation: .ignore)
    return object
  }

  private static func merged(
    _ old: JSON?, _ configuration: JSON, _ body: ApplyBody, _ fields: FieldManager
  ) throws(APIStatus) -> JSON {
    do {
      return try fields.apply(
        live: old, configuration: configuration, manager: body.manager, force: body.force,
        time: Timestamp.now.description)
    } catch {
      switch error {
      case .badRequest(let message): throw .badRequest(message)
      case .unfit(let message): throw APIStatus(code: 500, reason: "", message: message)
      case .conflicts(let conflicts): throw .applyConflict(conflicts)
      }
    }
  }

  /// An applied Scale owns the replica count of the object behind it.
  func applyScale(_ body: ApplyBody, _ request: ResourceRequest) async throws(APIStatus) -> APIServerResponse {
    let fields = FieldManager(request.kind, subresource: request.info.subresource)
    var scale = body.configuration
    if let managed = scale["metadata"]?["managedFields"], !managed.isNull {
      throw .badRequest("metadata.managedFields must be nil")
    }
    guard scale.apiVersion == Self.scaleKind.apiVersion, scale.kind == Self.scaleKind.kind else {
      throw .badRequest("invalid object type: \(scale.apiVersion), Kind=\(scale.kind)")
    }
    _ = try SchemaRules.fit(&scale, kind: Self.scaleKind, validation: .strict)
    try checkNames(&scale, for: request)
    let replicas = try Self.replicas(of: scale, name: request.info.name)
    var configuration: JSON = [
      "apiVersion": .string(request.kind.apiVersion), "kind": .string(request.kind.kind),
      "metadata": scale.metadata,
    ]
    if scale[path: "spec", "replicas"] != nil { configuration[path: "spec", "replicas"] = .int(replicas) }
    let written = try await change(request, writtenBy: nil) { [configuration] (old) throws(APIStatus) in
      try Self.merged(old, configuration, body, fields)
    }
    return try answerScale(written, to: request, warnings: body.warnings)
  }
}

extension APIStatus {
  /// 409 with one cause for each field that somebody else owns.
  static func applyConflict(_ conflicts: [FieldConflict]) -> APIStatus {
    var details = Details()
    details.causes = conflicts.map {
      Cause(reason: "FieldManagerConflict", message: $0.message, field: $0.path)
    }
    return APIStatus(
      code: 409, reason: "Conflict", message: FieldConflict.message(conflicts), details: details)
  }
}
