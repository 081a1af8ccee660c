import JSONTree
import KubernetesAPI

extension ResourceREST {
  /// What became of an object that was to be deleted.
  enum Deletion {
    case removed(JSON)
    /// It stays until its finalizers are gone or its grace period is over.
    case terminating(JSON)
  }

  func delete(_ request: ResourceRequest) async throws(APIStatus) -> APIServerResponse {
    let options = try DeleteOptions(request)
    // Asked for one by one only, as upstream.
    if request.kind == .priorityClasses, PriorityAdmission.systemClasses.contains(request.info.name) {
      throw .forbidden(
        request.kind, request.info.name, "this is a system priority class and cannot be deleted")
    }
    let deletion = try await delete(request.kind, request.name, options)
    switch deletion {
    case .terminating(let tree):
      return try answer(tree, to: request, code: options.isAcceptedWhilePending ? 202 : 200)
    case .removed(let tree):
      if strategies[request.kind].returnsDeletedObject { return try answer(tree, to: request) }
      return APIServerResponse(json: Self.success(request.kind, tree))
    }
  }

  private static func success(_ kind: ResourceKind, _ object: JSON) -> JSON {
    var details: JSON = ["name": .string(object.name)]
    if !kind.groupVersion.group.isEmpty { details["group"] = .string(kind.groupVersion.group) }
    details["kind"] = .string(kind.plural)
    details["uid"] = .string(object.uid)
    return ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "details": details]
  }

  /// Deletes one object, trying again where somebody else changes it meanwhile.
  func delete(
    _ kind: ResourceKind, _ name: ObjectName, _ options: DeleteOptions
  ) async throws(APIStatus) -> Deletion {
    if kind == .namespaces, NamespaceAdmission.protected.contains(name.name) {
      throw .forbidden(kind, name.name, "this namespace may not be deleted")
    }
    while true {
      guard let current = try registry.object(kind, name) else { throw .notFound(kind, name.name) }
      let tree = try current.tree()
      try options.check(tree, kind: kind)
      do {
        return try await delete(current, tree, kind: kind, options)
      } catch {
        guard error.reason == "Conflict" else { throw error }
      }
    }
  }

  private func delete(
    _ current: CachedObject, _ tree: JSON, kind: ResourceKind, _ options: DeleteOptions
  ) async throws(APIStatus) -> Deletion {
    let strategy = strategies[kind]
    var object = tree
    let finalizers = options.finalizers(of: tree)
    object[path: "metadata", "finalizers"] = finalizers.isEmpty ? nil : .array(finalizers.map { .string($0) })
    let wasTerminating = tree.isTerminating
    let asked = strategy.gracePeriod(of: tree, requested: options.gracePeriodSeconds)
    let left = tree[path: "metadata", "deletionGracePeriodSeconds"]?.int
    // A second delete may shorten the period, never lengthen it.
    let grace = wasTerminating ? min(asked, left ?? 0) : asked
    if wasTerminating, options.gracePeriodSeconds == nil, let left, left > 0, finalizers == tree.finalizers {
      return .terminating(tree)
    }
    let isHeld = !finalizers.isEmpty || strategy.isHeld(object)
    guard isHeld || grace > 0 else {
      if options.isDryRun { return .removed(object) }
      let removed = try await registry.remove(kind, object, at: current.revision)
      strategy.release(tree)
      return .removed(try removed.tree())
    }
    if !wasTerminating || grace < (left ?? 0) {
      if strategy.tracksGeneration, !wasTerminating {
        object[path: "metadata", "generation"] = .int(tree.generation + 1)
      }
      // A shorter period counts from when the object was deleted first.
      let start = tree.deletionTimestamp.flatMap { Timestamp($0) }.map { $0 + .seconds(-(left ?? 0)) } ?? .now
      object[path: "metadata", "deletionTimestamp"] = .string((start + .seconds(grace)).description)
      object[path: "metadata", "deletionGracePeriodSeconds"] = .int(grace)
      strategy.markTerminating(&object)
    }
    if object == tree || options.isDryRun { return .terminating(object) }
    return .terminating(try await registry.replace(kind, object, at: current.revision).tree())
  }

  /// Deletes what a list with the same parameters would show, page by page where it has a limit.
  func deleteCollection(_ request: ResourceRequest) async throws(APIStatus) -> APIServerResponse {
    let options = try DeleteOptions(request)
    let listOptions = try ListOptions(request.query)
    let selection = try request.selection()
    let cache = try registry.cache(of: request.kind)
    let view = try view(of: cache, listOptions)
    var objects = Self.range(of: view.objects, selection, kind: request.kind)
    if let last = listOptions.continuation?.lastKey { objects = Self.rest(of: objects, after: last) }
    var metadata: JSON = ["resourceVersion": .string(String(view.revision))]
    var page: [CachedObject] = []
    for object in objects where selection.contains(object) {
      if listOptions.limit > 0, page.count == listOptions.limit, let last = page.last {
        cache.keep(view)
        metadata["continue"] = .string(ContinueToken(revision: view.revision, lastKey: last.key).text)
        break
      }
      page.append(object)
    }
    var items: [JSON] = []
    for object in page {
      items.append(try object.tree())
      do {
        _ = try await delete(request.kind, object.name, options)
      } catch {
        guard error.reason == "NotFound" else { throw error }
      }
    }
    let list: JSON = [
      "kind": .string(request.kind.listKind), "apiVersion": .string(request.kind.apiVersion), "metadata": metadata,
      "items": .array(items),
    ]
    return APIServerResponse(json: list)
  }
}
