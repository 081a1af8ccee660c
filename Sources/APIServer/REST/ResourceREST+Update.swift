import JSONTree
import KubernetesAPI

extension ResourceREST {
  /// How often a change that does not insist on a revision is tried again after somebody else's.
  private static let attempts = 20

  func update(_ request: ResourceRequest) async throws(APIStatus) -> APIServerResponse {
    let (object, warnings) = try givenObject(request)
    let manager = try request.fieldManager()
    if let made = try await createMissing(object, for: request, writtenBy: manager) {
      return try answer(made, to: request, code: 201, warnings: warnings)
    }
    let written = try await change(request, writtenBy: manager) { (_) throws(APIStatus) in object }
    return try answer(written, to: request, warnings: warnings)
  }

  /// Some kinds are made by an update of what is not there. `nil` where it is there, or another kind's.
  private func createMissing(
    _ object: JSON, for request: ResourceRequest, writtenBy manager: String?
  ) async throws(APIStatus) -> Written? {
    guard strategies[request.kind].allowsCreateOnUpdate, request.info.subresource.isEmpty,
      try registry.object(request.kind, request.name) == nil
    else { return nil }
    do {
      return try await create(object, for: request, writtenBy: manager)
    } catch {
      // Somebody else made it meanwhile: then it is an update.
      guard error.reason == "AlreadyExists" else { throw error }
      return nil
    }
  }

  func answer(
    _ written: Written, to request: ResourceRequest, code: Int = 200, warnings: [String] = []
  ) throws(APIStatus) -> APIServerResponse {
    switch written {
    case .stored(let cached): try answer(cached, to: request, code: code, warnings: warnings)
    case .dryRun(let tree): try answer(tree, to: request, code: code, warnings: warnings)
    }
  }

  /// Replaces an object by what `transform` makes of it. Where the result names a resourceVersion, it must be the stored
  /// one; else the change is tried again on what somebody else wrote meanwhile.
  /// - Parameter manager: Who is to own what changes; `nil` where the result says that already.
  func change(
    _ request: ResourceRequest, writtenBy manager: String?,
    _ transform: @Sendable (JSON) throws(APIStatus) -> JSON
  ) async throws(APIStatus) -> Written {
    for attempt in 1... {
      guard let current = try registry.object(request.kind, request.name) else {
        throw .notFound(request.kind, request.info.name)
      }
      let old = try current.tree()
      let wanted = try transform(old)
      let insists = !wanted.resourceVersion.isEmpty && wanted.resourceVersion != old.resourceVersion
      if insists { throw .modified(request.kind, request.info.name) }
      do {
        return try await replace(current, old, by: wanted, for: request, writtenBy: manager)
      } catch {
        let mayRetry = error.reason == "Conflict" && error.message.hasSuffix("try again")
        guard mayRetry, attempt < Self.attempts else { throw error }
      }
    }
    throw .modified(request.kind, request.info.name)
  }

  /// One try: completes and checks the new state and stores it, if it differs.
  private func replace(
    _ current: CachedObject, _ old: JSON, by wanted: JSON, for request: ResourceRequest, writtenBy manager: String?
  ) async throws(APIStatus) -> Written {
    let kind = request.kind
    let strategy = strategies[kind]
    var object = wanted
    if object.resourceVersion.isEmpty, !strategy.allowsUnconditionalUpdate, request.info.verb == "update" {
      throw .invalid(
        kind, request.info.name,
        [
          APIStatus.Cause(
            reason: "FieldValueInvalid", message: "Invalid value: 0: must be specified for an update",
            field: "metadata.resourceVersion")
        ])
    }
    if !object.uid.isEmpty, object.uid != old.uid {
      if request.info.verb == "patch" {
        throw .invalid(
          kind, request.info.name,
          [
            APIStatus.Cause(
              .invalid(FieldPath("metadata", "uid"), .string(object.uid), "field is immutable"))
          ])
      }
      throw .conflict(
        kind, request.info.name,
        "Precondition failed: UID in precondition: \(object.uid), UID in object meta: \(old.uid)")
    }
    try Self.keepServerMetadata(&object, of: old, kind: kind, name: request.info.name)
    let context = context(request)
    do throws(APIStatus) {
      try prepare(&object, over: old, for: request, context, writtenBy: manager)
      let causes =
        SchemaRules.faults(of: object, replacing: old, kind: kind, subresource: request.info.subresource)
        + strategy.validate(object, replacing: old)
      if !causes.isEmpty { throw .invalid(kind, request.info.name, causes) }
      try admission.validate(object, replacing: old, for: request)
      let charge =
        request.info.subresource == "status"
        ? nil : try admission.quotas.charge(object, replacing: old, for: request)
      defer { admission.quotas.release(charge) }
      if request.info.subresource.isEmpty {
        for warning in ObjectWarnings.warnings(for: object, kind: kind) { request.notes.warn(warning) }
      }
      let written = try await store(object, over: current, old, for: request)
      if case .stored = written { strategy.settle(object, instead: old) }
      return written
    } catch {
      context.undo.run()
      throw error
    }
  }

  /// Lays what the request may change over what is stored, and completes it.
  private func prepare(
    _ object: inout JSON, over old: JSON, for request: ResourceRequest, _ context: StrategyContext,
    writtenBy manager: String?
  ) throws(APIStatus) {
    let kind = request.kind
    let strategy = strategies[kind]
    if request.info.subresource == "status" {
      Self.keepAllButStatus(&object, of: old, kind: kind)
      // Its status has defaults of its own.
      if kind == .services { SchemaRules.applyDefaults(&object, kind: kind) }
      Self.record(&object, over: old, for: request, writtenBy: manager)
      try strategy.prepareForStatusUpdate(&object, from: old)
    } else {
      PodParts.keepAllBut(request.info.subresource, &object, of: old)
      SchemaRules.applyDefaults(&object, kind: kind)
      if kind.subresources.contains("status") { object["status"] = old["status"] }
      Self.record(&object, over: old, for: request, writtenBy: manager)
      try strategy.prepareForUpdate(&object, from: old, context)
    }
    if strategy.tracksGeneration {
      let isChanged = object["spec"] != old["spec"]
      object[path: "metadata", "generation"] = .int(old.generation + (isChanged ? 1 : 0))
    }
  }

  private func store(
    _ object: JSON, over current: CachedObject, _ old: JSON, for request: ResourceRequest
  ) async throws(APIStatus) -> Written {
    var object = object
    object[path: "metadata", "resourceVersion"] = old["metadata"]?["resourceVersion"]
    let strategy = strategies[request.kind]
    let isGone =
      object.isTerminating && object.finalizers.isEmpty && !strategy.isHeld(object)
      && (object[path: "metadata", "deletionGracePeriodSeconds"]?.int ?? 0) == 0
    if !isGone, Self.isSame(object, old) { return .stored(current) }
    if request.isDryRun { return .dryRun(object) }
    guard isGone else { return .stored(try await registry.replace(request.kind, object, at: current.revision)) }
    let removed = try await registry.remove(request.kind, object, at: current.revision)
    // What its former state alone held goes with the change.
    strategy.release(object)
    return .stored(removed)
  }

  /// What a client cannot change.
  private static func keepServerMetadata(
    _ object: inout JSON, of old: JSON, kind: ResourceKind, name: String
  ) throws(APIStatus) {
    var metadata = object["metadata"] ?? [:]
    let was = old.metadata
    for member in [
      "name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
      "generateName",
      "generation",
    ] {
      metadata[member] = was[member]
    }
    metadata["selfLink"] = nil
    object["metadata"] = metadata
    let added = Set(object.finalizers).subtracting(old.finalizers)
    if old.isTerminating, !added.isEmpty {
      let list = added.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
      throw .invalid(
        kind, name,
        [
          APIStatus.Cause(
            reason: "FieldValueForbidden",
            message: "Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers "
              + "[]string{\(list)}", field: "metadata.finalizers")
        ])
    }
  }

  private static func record(
    _ object: inout JSON, over old: JSON, for request: ResourceRequest, writtenBy manager: String?
  ) {
    guard let manager else { return }
    FieldManager(request.kind, subresource: request.info.subresource).update(
      live: old, new: &object, manager: manager, time: Timestamp.now.description)
  }

  /// Whether nothing but a time stamp of the managed fields would change.
  private static func isSame(_ object: JSON, _ old: JSON) -> Bool {
    if object == old { return true }
    let managed = object["metadata"]?["managedFields"]
    guard let had = old["metadata"]?["managedFields"], managed != had, ManagedFields.areSame(managed, had) else {
      return false
    }
    var object = object
    object[path: "metadata", "managedFields"] = had
    return object == old
  }
}
