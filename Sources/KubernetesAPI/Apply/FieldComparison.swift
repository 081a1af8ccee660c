package import JSONTree

/// Which fields differ between two states of an object.
package struct FieldComparison: Sendable {
  package private(set) var added = FieldSet()
  package private(set) var modified = FieldSet()
  package private(set) var removed = FieldSet()

  package var isEmpty: Bool { added.isEmpty && modified.isEmpty && removed.isEmpty }
  /// What the new state says that the old one did not.
  package var changed: FieldSet { added.union(modified) }

  private init() {}

  /// - Parameters:
  ///   - old: `.null` where there was none.
  ///   - schema: of the kind of both.
  package init(from old: JSON, to new: JSON, schema: MessageSchema, registry: SchemaRegistry = .shared) {
    self = Walk(registry: registry).compare(
      old.isNull ? [:] : old, new, .message(schema), isMadeWithParent: true)
  }

  private struct Walk {
    let registry: SchemaRegistry

    /// - Parameter isMadeWithParent: whether a missing old value counts as an empty one, as Go's structs do.
    func compare(_ old: JSON?, _ new: JSON?, _ shape: MergeShape, isMadeWithParent: Bool) -> FieldComparison {
      let (old, new) = (old.flatMap { $0.isNull ? nil : $0 }, new.flatMap { $0.isNull ? nil : $0 })
      if old == new { return FieldComparison() }
      switch shape {
      case .leaf: return leaf(old, new)
      case .message(let schema):
        return members(old, new, isMadeWithParent: isMadeWithParent) { name in
          schema[name].map { (MergeShape($0, registry), $0) }
        }
      case .map(let type):
        let element = MergeShape(type, registry)
        return members(old, new, isMadeWithParent: isMadeWithParent) { _ in (element, nil) }
      case .set:
        return elements(old, new, isMadeWithParent, .leaf) { MergeShape.element(ofValue: $0) }
      case .list(let keys, let schema):
        return elements(old, new, isMadeWithParent, .message(schema)) {
          MergeShape.element(of: $0, keys: keys, schema)
        }
      }
    }

    private func leaf(_ old: JSON?, _ new: JSON?) -> FieldComparison {
      var result = FieldComparison()
      switch (old, new) {
      case (nil, _): result.added = .leaf
      case (_, nil): result.removed = .leaf
      default: result.modified = .leaf
      }
      return result
    }

    private func members(
      _ old: JSON?, _ new: JSON?, isMadeWithParent: Bool,
      _ shape: (String) -> (MergeShape, FieldSchema?)?
    ) -> FieldComparison {
      let (before, after) = (old?.object, new?.object)
      if (old != nil && before == nil) || (new != nil && after == nil) { return leaf(old, new) }
      if before?.isEmpty ?? true, after?.isEmpty ?? true { return leaf(old, new) }
      var parts = Parts()
      for member in after?.members ?? [] {
        let was = before?[member.key]
        if was == member.value { continue }
        guard let (shape, field) = shape(member.key) else { continue }
        parts.append(
          MergeShape.element(ofField: member.key),
          compare(was, member.value, shape, isMadeWithParent: Self.isMadeWithParent(field)))
      }
      for member in before?.members ?? [] where after?.index(of: member.key) == nil {
        guard let (shape, field) = shape(member.key) else { continue }
        parts.append(
          MergeShape.element(ofField: member.key),
          compare(member.value, nil, shape, isMadeWithParent: Self.isMadeWithParent(field)))
      }
      return parts.comparison(old, new, isMadeWithParent: isMadeWithParent)
    }

    /// Messages and what must be there stand in an empty object already.
    private static func isMadeWithParent(_ field: FieldSchema?) -> Bool {
      guard let field else { return false }
      if case .message = field.type { return true }
      return field.isRequired
    }

    private func elements(
      _ old: JSON?, _ new: JSON?, _ isMadeWithParent: Bool, _ shape: MergeShape, _ element: (JSON) -> String?
    ) -> FieldComparison {
      let (before, after) = (old?.array, new?.array)
      if (old != nil && before == nil) || (new != nil && after == nil) { return leaf(old, new) }
      if before?.isEmpty ?? true, after?.isEmpty ?? true { return leaf(old, new) }
      var places: [String: JSON] = [:]
      for item in before ?? [] { if let key = element(item) { places[key] = item } }
      var parts = Parts()
      for item in after ?? [] {
        guard let key = element(item) else { continue }
        parts.append(key, compare(places.removeValue(forKey: key), item, shape, isMadeWithParent: false))
      }
      for (key, item) in places { parts.append(key, compare(item, nil, shape, isMadeWithParent: false)) }
      return parts.comparison(old, new, isMadeWithParent: isMadeWithParent)
    }
  }

  /// The comparisons of a node's children.
  private struct Parts {
    var added: [FieldSet.Child] = []
    var modified: [FieldSet.Child] = []
    var removed: [FieldSet.Child] = []

    mutating func append(_ element: String, _ comparison: FieldComparison) {
      if !comparison.added.isEmpty { added.append(.init(element: element, set: comparison.added)) }
      if !comparison.modified.isEmpty { modified.append(.init(element: element, set: comparison.modified)) }
      if !comparison.removed.isEmpty { removed.append(.init(element: element, set: comparison.removed)) }
    }

    func comparison(_ old: JSON?, _ new: JSON?, isMadeWithParent: Bool) -> FieldComparison {
      var result = FieldComparison()
      result.added = .node(isMember: old == nil && !isMadeWithParent, added)
      result.modified = .node(modified)
      result.removed = .node(isMember: new == nil && !isMadeWithParent, removed)
      return result
    }
  }
}
