/// What strategic merge patch needs to know of a type. The schema tables implement it.
package protocol PatchSchema: Sendable {
  /// The field of that JSON name; `nil` where the type has none. A map answers every name with its values' schema.
  func patchField(_ name: String) -> PatchField?

  /// The type's name for messages.
  var patchTypeName: String { get }
}

/// How one field merges.
package struct PatchField: Sendable {
  /// `patchStrategy` names `merge`: a list is merged element by element.
  package var mergesList: Bool
  /// `patchStrategy` names `replace`: the patch's value takes the place of the old one.
  package var isReplaced: Bool
  /// `patchStrategy` names `retainKeys`: the patch may list the members that stay.
  package var retainsKeys: Bool
  /// `patchMergeKey`; `nil` for lists of primitives.
  package var mergeKey: String?
  /// The schema of the object; of the elements where the field is a list. `nil` where any member may occur.
  package var child: (any PatchSchema)?

  /// - Parameter strategy: the text of `x-kubernetes-patch-strategy`, such as `merge,retainKeys`.
  package init(strategy: String = "", mergeKey: String? = nil, child: (any PatchSchema)? = nil) {
    let parts = strategy.split(separator: ",")
    mergesList = parts.contains("merge")
    isReplaced = parts.contains("replace")
    retainsKeys = parts.contains("retainKeys")
    self.mergeKey = mergeKey
    self.child = child
  }
}
