import JSONTree
import KubernetesAPI

extension ResourceREST {
  func create(_ request: ResourceRequest) async throws(APIStatus) -> APIServerResponse {
    let (object, warnings) = try givenObject(request)
    let written = try await create(object, for: request, writtenBy: request.fieldManager())
    return try answer(written, to: request, code: 201, warnings: warnings)
  }

  enum Written {
    case stored(CachedObject)
    case dryRun(JSON)
  }

  /// Completes, checks and stores a new object.
  /// - Parameter manager: Who is to own the fields; `nil` where the object says that already.
  func create(
    _ given: JSON, for request: ResourceRequest, writtenBy manager: String?
  ) async throws(APIStatus) -> Written {
    let kind = request.kind
    var object = given
    if !object.resourceVersion.isEmpty {
      throw APIStatus(code: 500, reason: "", message: "resourceVersion should not be set on objects to be created")
    }
    try NamespaceAdmission.admit(object, kind: kind, registry: registry)
    Self.fillMetadata(&object, tracksGeneration: strategies[kind].tracksGeneration)
    SchemaRules.applyDefaults(&object, kind: kind)
    if kind.subresources.contains("status"), kind != .namespaces, kind != .nodes { object["status"] = nil }
    if let manager {
      FieldManager(kind).update(live: nil, new: &object, manager: manager, time: Timestamp.now.description)
    }
    let strategy = strategies[kind]
    try admission.complete(&object, for: request)
    let context = context(request)
    do throws(APIStatus) {
      try strategy.prepareForCreate(&object, context)
      let causes =
        SchemaRules.faults(of: object, replacing: nil, kind: kind, subresource: "")
        + strategy.validate(object, replacing: nil)
      if !causes.isEmpty { throw .invalid(kind, object.name, causes) }
      try admission.validate(object, replacing: nil, for: request)
      let charge = try admission.quotas.charge(object, replacing: nil, for: request)
      defer { admission.quotas.release(charge) }
      for warning in ObjectWarnings.warnings(for: object, kind: kind) { request.notes.warn(warning) }
      if request.isDryRun {
        if try registry.object(kind, object.objectName) != nil { throw .alreadyExists(kind, object.name) }
        return .dryRun(object)
      }
      return .stored(try await storeNew(object, kind: kind, namedByServer: given.name.isEmpty))
    } catch {
      context.undo.run()
      throw error
    }
  }

  /// A name the server made up may be taken: then another one is tried.
  private func storeNew(_ object: JSON, kind: ResourceKind, namedByServer: Bool) async throws(APIStatus) -> CachedObject
  {
    var object = object
    for attempt in 1... {
      do {
        return try await registry.create(kind, object)
      } catch {
        guard namedByServer, error.reason == "AlreadyExists" else { throw error }
        guard attempt < Self.namingAttempts else { break }
        object[path: "metadata", "name"] = .string(
          GeneratedName.from(object[path: "metadata", "generateName"]?.string ?? ""))
      }
    }
    var status = APIStatus.alreadyExists(kind, object.name)
    status.message += ", the server was not able to generate a unique name for the object"
    status.details?.retryAfterSeconds = 1
    throw status
  }

  /// How many made-up names are tried.
  private static let namingAttempts = 8

  private static func fillMetadata(_ object: inout JSON, tracksGeneration: Bool) {
    var metadata = object["metadata"] ?? [:]
    if (metadata["name"]?.string ?? "").isEmpty, let base = metadata["generateName"]?.string, !base.isEmpty {
      metadata["name"] = .string(GeneratedName.from(base))
    }
    metadata["uid"] = .string(UID.random())
    metadata["creationTimestamp"] = .string(Timestamp.now.description)
    for member in ["resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"] {
      metadata[member] = nil
    }
    metadata["generation"] = tracksGeneration ? 1 : nil
    object["metadata"] = metadata
  }

  /// Reads a body as an object of the request's kind; the warnings are those of `fieldValidation=Warn`.
  func decoded(_ body: RequestBody, for request: ResourceRequest) throws(APIStatus) -> (JSON, [String]) {
    try decoded(body, as: request.kind, for: request)
  }

  /// The same for a subresource that has a kind of its own.
  func decoded(
    _ body: RequestBody, as kind: ResourceKind, for request: ResourceRequest
  ) throws(APIStatus) -> (JSON, [String]) {
    var tree = body.tree
    try checkType(&tree, kind)
    var warnings = try SchemaRules.fit(
      &tree, written: body.written, complaints: body.repetitionFault.map { [$0] } ?? [], kind: kind,
      validation: request.fieldValidation)
    warnings += Self.dropRepeatedOwners(&tree)
    return (tree, warnings)
  }

  /// Owners that are named twice are kept once; returns what is to be said of it.
  static func dropRepeatedOwners(_ object: inout JSON) -> [String] {
    let owners = object.ownerReferences
    guard owners.count > 1 else { return [] }
    var kept: [JSON] = []
    var seen: Set<JSON> = []
    var repeated: [String] = []
    for owner in owners {
      if seen.insert(owner).inserted {
        kept.append(owner)
      } else if let uid = owner["uid"]?.string, !repeated.contains(uid) {
        repeated.append(uid)
      }
    }
    guard kept.count < owners.count else { return [] }
    object[path: "metadata", "ownerReferences"] = .array(kept)
    return [
      ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may "
        + "reject such requests as early as 1.24; please fix your request; duplicate UID(s) observed: "
        + repeated.joined(separator: ", ")
    ]
  }

  /// The body's type must be the path's; a missing one is taken from there.
  func checkType(_ tree: inout JSON, _ kind: ResourceKind) throws(APIStatus) {
    if tree.apiVersion.isEmpty { tree["apiVersion"] = .string(kind.apiVersion) }
    if tree.kind.isEmpty { tree["kind"] = .string(kind.kind) }
    guard tree.apiVersion == kind.apiVersion else {
      throw .badRequest(
        "the API version in the data (\(tree.apiVersion)) does not match the expected API version (\(kind.apiVersion))")
    }
    guard tree.kind == kind.kind else {
      throw .badRequest(
        "\(tree.kind) in version \"\(kind.groupVersion.version)\" cannot be handled as a \(kind.kind): "
          + "converting (\(tree.apiVersion).\(tree.kind)) to (\(kind.apiVersion).\(kind.kind)): unknown conversion")
    }
  }

  /// The object of the request's body, named as the path says, and what is to be said of it.
  func givenObject(_ request: ResourceRequest) throws(APIStatus) -> (JSON, [String]) {
    var (object, warnings) = try decoded(try request.requiredBody(), for: request)
    try checkNames(&object, for: request)
    return (object, warnings)
  }

  /// Name and namespace of the body must agree with the path; what is missing is taken from it.
  func checkNames(_ object: inout JSON, for request: ResourceRequest) throws(APIStatus) {
    if request.kind.isNamespaced {
      let namespace = object.namespace
      guard namespace.isEmpty || namespace == request.namespace else {
        throw .badRequest(
          "the namespace of the provided object does not match the namespace sent on the request")
      }
      object[path: "metadata", "namespace"] = .string(request.namespace)
    } else {
      object[path: "metadata", "namespace"] = nil
    }
    let name = request.info.name
    guard !name.isEmpty else { return }
    guard !object.name.isEmpty else {
      throw .badRequest("the name of the object (\(name) based on URL) was undeterminable: name must be provided")
    }
    guard object.name == name else {
      throw .badRequest("the name of the object (\(object.name)) does not match the name on the URL (\(name))")
    }
  }
}
