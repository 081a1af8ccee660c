package import JSONTree

/// Judges decoded and defaulted objects as upstream does.
package enum ObjectValidation {
  /// What is wrong with a new object; empty where it may be stored. The server has given it its name and namespace.
  package static func faults(creating object: JSON, kind: ResourceKind) -> [FieldError] {
    MetadataValidation.faults(of: object, kind: kind) + (rules[kind.schemaName]?.judge(object) ?? [])
  }

  /// What is wrong with a changed object.
  /// - Parameter subresource: `status` where only the status changes; the specification is not judged then.
  package static func faults(
    updating old: JSON, to new: JSON, kind: ResourceKind, subresource: String? = nil
  ) -> [FieldError] {
    var faults = MetadataValidation.faults(of: new, kind: kind)
    faults += MetadataValidation.faults(updating: old, to: new)
    guard subresource == nil, let rules = rules[kind.schemaName] else { return faults }
    // An object on its way out loses its finalizers whatever else may be wrong with it.
    if new.isTerminating, new["spec"] == old["spec"] { return faults }
    return faults + rules.judge(new) + rules.compare(old, new)
  }

  /// How one kind is judged beyond its metadata.
  struct Rules: Sendable {
    /// Any object of the kind, new or changed.
    var judge: @Sendable (JSON) -> [FieldError] = { _ in [] }
    /// What may not change: the old object, the new one.
    var compare: @Sendable (JSON, JSON) -> [FieldError] = { _, _ in [] }
  }

  static let rules: [String: Rules] = [:]
}
