package import JSONTree

/// Keeps the record of who owns which fields when a resource of one kind, or a subresource of it, is written.
package struct FieldManager: Sendable {
  let kind: ResourceKind
  let subresource: String
  /// Fields that a write through this (sub)resource has no say in.
  let resetFields: FieldSet
  let types: ApplyTypes
  let shape: ApplyShape

  package init(_ kind: ResourceKind, subresource: String = "") {
    self.kind = kind
    self.subresource = subresource
    types = .shared
    shape = types.shape(of: kind)
    resetFields = Self.resetFields(kind, subresource)
  }

  private static let statusOnly = FieldSet(paths: [["status"]])
  private static let none = FieldSet()
  private static let specOnly = FieldSet(paths: [["spec"]])
  private static let podSpec = FieldSet(
    paths: [["spec"], ["metadata", "deletionTimestamp"], ["metadata", "ownerReferences"]])
  private static let deploymentSpec = FieldSet(paths: [["spec"], ["metadata", "labels"]])

  private static func resetFields(_ kind: ResourceKind, _ subresource: String) -> FieldSet {
    guard subresource == "status" else {
      return kind.subresources.contains("status") && subresource.isEmpty ? statusOnly : none
    }
    return switch kind {
    case .pods: podSpec
    case .deployments: deploymentSpec
    default: specOnly
    }
  }

  /// What nobody owns: who the object is, and what the server keeps count of.
  static let unowned = FieldSet(
    paths: [
      ["apiVersion"], ["kind"], ["metadata"], ["metadata", "name"], ["metadata", "namespace"],
      ["metadata", "creationTimestamp"], ["metadata", "selfLink"], ["metadata", "uid"], ["metadata", "clusterName"],
      ["metadata", "generation"], ["metadata", "managedFields"], ["metadata", "resourceVersion"],
    ])

  /// Records a create, an update or a patch in `new.metadata.managedFields`.
  /// - Parameters:
  ///   - live: The stored object; `nil` where it is created.
  ///   - new: What is to be stored, with the managed fields the client sent, if any.
  ///   - manager: Who writes.
  ///   - time: Now, as API objects write it.
  package func update(live: JSON?, new: inout JSON, manager: String, time: String) {
    let given = new["metadata"]?["managedFields"]
    let had = live?["metadata"]?["managedFields"]
    let isUntouched = given == nil || given == had
    let comparison = comparison(live, new)
    if live != nil, isUntouched, had == nil || comparison.isSame {
      new[path: "metadata", "managedFields"] = had
      return
    }
    let managed = managedFields(given: isUntouched ? nil : given, live: had)
    // Once nobody is tracked, only an apply starts to track again.
    if managed.isEmpty, live != nil {
      new[path: "metadata", "managedFields"] = nil
      return
    }
    let owner = owner(manager, .update)
    new[path: "metadata", "managedFields"] = recorded(managed, comparison, owner, time).json
  }

  /// Those of the request where it may set them, else those that are stored.
  private func managedFields(given: JSON?, live: JSON?) -> ManagedFields {
    if subresource.isEmpty {
      if ManagedFields.isReset(given) { return ManagedFields() }
      if given != nil, let given = ManagedFields(json: given), !given.isEmpty { return given }
    }
    return ManagedFields(json: live) ?? ManagedFields()
  }

  func comparison(_ live: JSON?, _ new: JSON) -> FieldComparison {
    FieldComparison(from: live, to: new, shape, types).without(resetFields)
  }

  func owner(_ manager: String, _ operation: ManagedFields.Operation) -> ManagedFields.Owner {
    ManagedFields.Owner(
      manager: manager.isEmpty ? "unknown" : manager, operation: operation, apiVersion: kind.apiVersion,
      subresource: subresource)
  }

  /// What has changed becomes the writer's; what is gone is nobody's.
  func recorded(
    _ managed: ManagedFields, _ comparison: FieldComparison, _ owner: ManagedFields.Owner, _ time: String
  ) -> ManagedFields {
    var managed = managed
    let changed = comparison.modified.union(comparison.added)
    Self.take(changed.union(comparison.removed), from: &managed, except: nil)
    let own = changed.subtracting(Self.unowned)
    if !own.isEmpty {
      let before = managed[owner]?.fields ?? FieldSet()
      managed.set(
        ManagedFields.Entry(
          owner: owner, apiVersion: kind.apiVersion, time: stamp(time), fields: own.union(before)))
    }
    managed.cap()
    return managed
  }

  /// Entries that come through the scale subresource have no time, as upstream's have none.
  func stamp(_ time: String) -> String? { if subresource == "scale" { nil } else { time } }

  /// Takes fields away from all managers but one; whoever has none left is gone.
  static func take(_ fields: FieldSet, from managed: inout ManagedFields, except owner: ManagedFields.Owner?) {
    guard !fields.isEmpty else { return }
    for index in managed.entries.indices where managed.entries[index].owner != owner {
      let left = managed.entries[index].fields.subtracting(fields)
      if left != managed.entries[index].fields { managed.entries[index].fields = left }
    }
    managed.entries.removeAll { $0.fields.isEmpty }
  }
}
