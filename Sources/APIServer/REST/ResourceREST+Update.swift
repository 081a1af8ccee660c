import JSONTree
import KubernetesAPI

extension ResourceREST {
  /// How often a change that does not insist on a revision is tried again after somebody else's.
  static let attempts = 20

  func update(_ request: ResourceRequest) async throws(APIStatus) -> APIServerResponse {
    guard let body = try request.bodyTree() else { throw .badRequest("the request has no body") }
    let (tree, warnings) = try decoded(body, for: request)
    var object = tree
    try checkNames(&object, for: request)
    let written = try await change(request) { [object] (_) throws(APIStatus) in object }
    return try answer(written, to: request, code: 200, warnings: warnings)
  }

  /// Replaces an object by what `transform` makes of it. Where the result names a resourceVersion, it must be the stored
  /// one; else the change is tried again on what somebody else wrote meanwhile.
  func change(
    _ request: ResourceRequest, _ transform: @Sendable (JSON) throws(APIStatus) -> JSON
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
        return try await replace(current, old, by: wanted, for: request)
      } catch {
        let mayRetry = error.reason == "Conflict" && error.message.hasSuffix("try again")
        guard mayRetry, attempt < Self.attempts else { throw error }
      }
    }
    throw .modified(request.kind, request.info.name)
  }

  /// One try: completes and checks the new state and stores it, if it differs.
  /// - Parameter managedFields: who manages it then, where that is known already; else whoever asks has what changes.
  func replace(
    _ current: CachedObject, _ old: JSON, by wanted: JSON, for request: ResourceRequest, managedFields: JSON? = nil
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
      throw .conflict(
        kind, request.info.name,
        "Precondition failed: UID in precondition: \(object.uid), UID in object meta: \(old.uid)")
    }
    try Self.keepServerMetadata(&object, of: old, kind: kind, name: request.info.name)
    if request.info.subresource == "status" {
      Self.keepAllButStatus(&object, of: old, kind: kind)
      own(&object, old, wanted, managedFields, request)
      try strategy.prepareForStatusUpdate(&object, from: old)
    } else {
      SchemaRules.applyDefaults(&object, kind: kind)
      if kind.subresources.contains("status") { object["status"] = old["status"] }
      own(&object, old, wanted, managedFields, request)
      try strategy.prepareForUpdate(&object, from: old, context(request))
    }
    if strategy.tracksGeneration {
      let isChanged = object["spec"] != old["spec"]
      object[path: "metadata", "generation"] = .int(old.generation + (isChanged ? 1 : 0))
    }
    do throws(APIStatus) {
      let causes =
        SchemaRules.faults(of: object, replacing: old, kind: kind, subresource: request.info.subresource)
        + strategy.validate(object, replacing: old)
      if !causes.isEmpty { throw .invalid(kind, request.info.name, causes) }
      let written = try await store(object, over: current, old, for: request)
      if case .stored = written { strategy.settle(object, instead: old) } else { strategy.settle(old, instead: object) }
      return written
    } catch {
      strategy.settle(old, instead: object)
      throw error
    }
  }

  private func own(
    _ object: inout JSON, _ old: JSON, _ wanted: JSON, _ managedFields: JSON?, _ request: ResourceRequest
  ) {
    if let managedFields {
      object[path: "metadata", "managedFields"] = managedFields
    } else {
      FieldOwnership(request).record(&object, replacing: old, given: wanted["metadata"]?["managedFields"])
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
    if object == old, !isGone { return .stored(current) }
    if request.isDryRun { return .dryRun(object) }
    guard isGone else { return .stored(try await registry.replace(request.kind, object, at: current.revision)) }
    let removed = try await registry.remove(request.kind, object, at: current.revision)
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
    metadata["managedFields"] = nil
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

  /// A status update changes the status; of the metadata only labels, annotations and finalizers, where upstream lets it.
  private static func keepAllButStatus(_ object: inout JSON, of old: JSON, kind: ResourceKind) {
    var kept = old
    kept["status"] = object["status"]
    if kind != .deployments, kind != .replicaSets {
      kept[path: "metadata", "labels"] = object["metadata"]?["labels"]
      kept[path: "metadata", "annotations"] = object["metadata"]?["annotations"]
    }
    object = kept
  }
}
