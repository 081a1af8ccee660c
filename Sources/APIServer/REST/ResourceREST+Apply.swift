import HTTPTypes
import JSONTree
import KubernetesAPI
import NIOCore

extension ResourceREST {
  static let applyMediaType = "application/apply-patch+yaml"

  /// Server-side apply: the client says what it wants of an object; what it no longer says, and nobody else does, goes.
  func apply(_ request: ResourceRequest) async throws(APIStatus) -> APIServerResponse {
    guard request.query.text("fieldManager") != nil else {
      throw .invalidOptions(
        "PatchOptions", [.required(FieldPath("fieldManager"), "is required for apply patch")])
    }
    let (given, warnings) = try applied(request)
    let ownership = FieldOwnership(request, operation: .apply)
    let force = request.query.flag("force")
    for attempt in 1... {
      do throws(APIStatus) {
        guard let current = try registry.object(request.kind, request.name) else {
          let written = try await applyNew(given, ownership, force: force, for: request)
          return try answer(written, to: request, code: 201, warnings: warnings)
        }
        let live = try current.tree()
        if !given.resourceVersion.isEmpty, given.resourceVersion != live.resourceVersion {
          throw .modified(request.kind, request.info.name)
        }
        let object = try ownership.apply(given, to: live, force: force, kind: request.kind)
        let written = try await replace(
          current, live, by: object, for: request, managedFields: object["metadata"]?["managedFields"])
        return try answer(written, to: request, warnings: warnings)
      } catch {
        let isRace =
          (error.reason == "Conflict" && error.message.hasSuffix("try again")) || error.reason == "AlreadyExists"
        guard isRace, given.resourceVersion.isEmpty, attempt < Self.attempts else { throw error }
      }
    }
    throw .modified(request.kind, request.info.name)
  }

  /// The body as an object of the request's kind, without defaults.
  private func applied(_ request: ResourceRequest) throws(APIStatus) -> (JSON, [String]) {
    guard request.request.body.readableBytes > 0 else { throw .badRequest("the request has no body") }
    let body = try RequestBody(request.request.body, contentType: "application/yaml")
    if let fields = body.tree["metadata"]?["managedFields"], !fields.items.isEmpty {
      throw .badRequest("metadata.managedFields must be nil")
    }
    let (tree, warnings) = try decoded(body, for: request)
    var object = tree
    if object.name.isEmpty { object[path: "metadata", "name"] = .string(request.info.name) }
    object[path: "metadata", "managedFields"] = nil
    try checkNames(&object, for: request)
    return (object, warnings)
  }

  private func applyNew(
    _ given: JSON, _ ownership: FieldOwnership, force: Bool, for request: ResourceRequest
  ) async throws(APIStatus) -> Written {
    guard request.info.subresource.isEmpty else { throw .notFound(request.kind, request.info.name) }
    guard given.resourceVersion.isEmpty else { throw .notFound(request.kind, request.info.name) }
    guard given.uid.isEmpty else {
      throw .conflict(
        request.kind, request.info.name,
        "uid mismatch: the provided object specified uid \(given.uid), and no existing "
          + "object was found")
    }
    let object = try ownership.apply(given, to: nil, force: force, kind: request.kind)
    return try await create(object, for: request, managedFields: object["metadata"]?["managedFields"])
  }

  func answer(
    _ written: Written, to request: ResourceRequest, code: Int = 200, warnings: [String] = []
  ) throws(APIStatus) -> APIServerResponse {
    switch written {
    case .stored(let cached): try answer(cached, to: request, code: code, warnings: warnings)
    case .dryRun(let tree): try answer(tree, to: request, code: code, warnings: warnings)
    }
  }
}
