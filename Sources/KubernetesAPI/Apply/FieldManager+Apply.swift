package import JSONTree

extension FieldManager {
  /// Whose apply may take over what a client-side `kubectl apply` has set.
  private static let kubectl = "kubectl"
  private static let beforeFirstApply = "before-first-apply"
  private static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"
  /// More than this an object's annotations may not hold.
  private static let maximumAnnotations = 256 * 1024

  /// Merges an applied configuration into the stored object, managed fields included. The result is neither
  /// defaulted nor validated.
  /// - Parameters:
  ///   - live: The stored object; `nil` where there is none.
  ///   - force: Take over fields that others own.
  package func apply(
    live: JSON?, configuration: JSON, manager: String, force: Bool, time: String
  ) throws(ApplyError) -> JSON {
    try check(configuration)
    let managed = tracked(live, time)
    var object: JSON
    do throws(ApplyError) {
      object = try applied(live, configuration, managed, manager, force: force, time)
    } catch {
      guard case .conflicts(let conflicts) = error, manager == Self.kubectl, let live,
        let allowed = lastAppliedPaths(live)
      else { throw error }
      let remaining = conflicts.filter { !allowed.contains($0.path) }
      guard remaining.isEmpty else { throw .conflicts(remaining) }
      object = try applied(live, configuration, managed, manager, force: true, time)
    }
    if manager == Self.kubectl, object[path: "metadata", "annotations", Self.lastApplied] != nil {
      setLastApplied(&object, configuration)
    }
    return object
  }

  private func check(_ configuration: JSON) throws(ApplyError) {
    let version = configuration.apiVersion
    if version != kind.apiVersion || configuration.kind != kind.kind {
      let groupVersion = version.isEmpty || version.contains("/") ? version : "/\(version)"
      throw .badRequest(
        "invalid object type: \(groupVersion.isEmpty ? "/" : groupVersion), Kind=\(configuration.kind)")
    }
    if let managed = configuration["metadata"]?.object?["managedFields"], !managed.isNull {
      throw .badRequest("metadata.managedFields must be nil")
    }
    if let fault = ApplyValidation.fault(of: configuration, kind, types) {
      let name =
        configuration.namespace.isEmpty
        ? configuration.name : "\(configuration.namespace)/\(configuration.name)"
      let groupVersion = version.contains("/") ? version : "/\(version)"
      throw .unfit(
        "failed to create typed patch object (\(name); \(groupVersion), Kind=\(kind.kind)): \(fault)")
    }
  }

  /// The stored managers; where nobody was tracked, all that is there belongs to somebody before the first apply.
  private func tracked(_ live: JSON?, _ time: String) -> ManagedFields {
    guard let live else { return ManagedFields() }
    let managed = ManagedFields(json: live["metadata"]?["managedFields"]) ?? ManagedFields()
    guard managed.isEmpty else { return managed }
    return recorded(managed, comparison(nil, live), owner(Self.beforeFirstApply, .update), time)
  }

  private func applied(
    _ live: JSON?, _ configuration: JSON, _ managed: ManagedFields, _ manager: String, force: Bool, _ time: String
  ) throws(ApplyError) -> JSON {
    var managed = managed
    var base = live ?? [:]
    base[path: "metadata", "managedFields"] = nil
    let merge = ApplyMerge(types: types)
    let merged = merge.merge(base, configuration, shape) ?? [:]
    let owner = owner(manager, .apply)
    let last = managed[owner]
    let own = FieldSet(of: configuration, shape, types).subtractingTrees(resetFields)
    managed.set(
      ManagedFields.Entry(owner: owner, apiVersion: kind.apiVersion, time: last?.time, fields: own))
    var object = merged
    if let last, !last.fields.isEmpty { object = pruned(merged, managed, last.fields, merge) }
    let comparison = comparison(live == nil ? nil : base, object)
    let changed = comparison.modified.union(comparison.added)
    if !force {
      let conflicts = conflicts(managed, changed, except: owner)
      if !conflicts.isEmpty { throw .conflicts(conflicts) }
    }
    Self.take(changed.union(comparison.removed), from: &managed, except: owner)
    if var entry = managed[owner] {
      entry.fields = entry.fields.subtracting(Self.unowned)
      if live == nil || object != base { entry.time = stamp(time) }
      if entry.fields.isEmpty { managed.remove(owner) } else { managed.set(entry) }
    }
    object[path: "metadata", "managedFields"] = managed.json
    return object
  }

  private func conflicts(
    _ managed: ManagedFields, _ changed: FieldSet, except owner: ManagedFields.Owner
  ) -> [FieldConflict] {
    var conflicts: [FieldConflict] = []
    for entry in managed.entries where entry.owner != owner {
      entry.fields.intersection(changed).forEach {
        conflicts.append(FieldConflict(entry, path: $0.map(\.description).joined()))
      }
    }
    // Managers in order, and of each the paths as they come.
    return conflicts.enumerated().sorted { ($0.element.manager, $0.offset) < ($1.element.manager, $1.offset) }
      .map(\.element)
  }

  /// Without what the manager applied before, does not apply now and nobody else owns.
  private func pruned(
    _ merged: JSON, _ managed: ManagedFields, _ last: FieldSet, _ merge: ApplyMerge
  ) -> JSON {
    func named(_ set: FieldSet) -> FieldSet { set.ensuringNamedMembers(shape, types) }
    let last = named(last)
    let mergedSet = named(FieldSet(of: merged, shape, types))
    var object = merge.remove(last, from: merged, shape)
    var owned = FieldSet()
    for entry in managed.entries { owned = owned.union(entry.fields) }
    let kept = named(FieldSet(of: object, shape, types)).union(named(owned))
    object = merge.remove(mergedSet.subtracting(kept), from: merged, shape)
    let left = named(FieldSet(of: object, shape, types))
    return merge.remove(mergedSet.subtracting(left).intersection(last), from: merged, shape)
  }

  /// The paths a client-side apply has set and that still have its values.
  private func lastAppliedPaths(_ live: JSON) -> Set<String>? {
    guard let text = live[path: "metadata", "annotations", Self.lastApplied]?.string,
      let configuration = try? JSON.parse(text), configuration.object != nil
    else { return nil }
    let comparison = FieldComparison(from: configuration, to: live, shape, types)
    let same = FieldSet(of: configuration, shape, types).subtracting(comparison.modified)
      .subtracting(comparison.added).subtracting(comparison.removed)
    return Set(same.paths)
  }

  /// Keeps kubectl's annotation in step, so that a client-side apply can go on from here.
  private func setLastApplied(_ object: inout JSON, _ configuration: JSON) {
    var configuration = configuration
    configuration[path: "metadata", "managedFields"] = nil
    configuration[path: "metadata", "annotations", Self.lastApplied] = nil
    if configuration[path: "metadata", "annotations"]?.object?.isEmpty == true {
      configuration[path: "metadata", "annotations"] = nil
    }
    let text = configuration.sortedByName.description + "\n"
    let others = (object[path: "metadata", "annotations"]?.object ?? JSONObject()).members
      .filter { $0.key != Self.lastApplied }
      .reduce(0) { $0 + $1.key.utf8.count + ($1.value.string?.utf8.count ?? 0) }
    let isTooLarge = others + Self.lastApplied.utf8.count + text.utf8.count > Self.maximumAnnotations
    object[path: "metadata", "annotations", Self.lastApplied] = isTooLarge ? nil : .string(text)
  }
}

extension JSON {
  /// With all objects' members in the order of their names, as Go encodes maps.
  fileprivate var sortedByName: JSON {
    switch self {
    case .object(let object):
      .object(
        JSONObject(
          members: object.members.sorted { $0.key < $1.key }.map {
            .init(key: $0.key, value: $0.value.sortedByName)
          }))
    case .array(let items): .array(items.map(\.sortedByName))
    default: self
    }
  }
}
