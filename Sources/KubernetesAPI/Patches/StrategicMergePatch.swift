package import JSONTree

/// Strategic merge patch: a merge patch whose lists merge by key where the type says so.
///
/// Source: the behaviour of Kubernetes' `strategicpatch` package, with its directives `$patch`, `$retainKeys`,
/// `$setElementOrder/LIST` and `$deleteFromPrimitiveList/LIST`.
package enum StrategicMergePatch {
  /// `document` with `patch` merged in. Without a schema every list is replaced.
  package static func apply(
    _ patch: JSON, to document: JSON, schema: (any PatchSchema)?
  ) throws(KubernetesAPIError) -> JSON {
    guard case .object(let changes) = patch else { throw .badPatch("invalid JSON document") }
    return .object(try merge(changes, into: document.object ?? JSONObject(), schema))
  }

  static let marker = "$patch"
  private static let retainKeys = "$retainKeys"
  private static let orderPrefix = "$setElementOrder"
  private static let deletionPrefix = "$deleteFromPrimitiveList"

  static func merge(
    _ patch: JSONObject, into original: JSONObject, _ schema: (any PatchSchema)?
  ) throws(KubernetesAPIError) -> JSONObject {
    var patch = patch
    var original = original
    if let directive = patch[marker] {
      switch directive {
      case "replace":
        patch[marker] = nil
        return patch
      case "delete": return JSONObject()
      default: throw .unknownDirective(directive, patch)
      }
    }
    try applyRetainedKeys(&patch, &original)
    try applyElementOrders(&patch, &original, schema)
    for change in patch.members {
      let isDeletion = change.key.hasPrefix(deletionPrefix)
      let key = isDeletion ? try listName(change.key, deletionPrefix, "primitive list") : change.key
      if change.value.isNull {
        original[key] = nil
      } else if let old = original[key], haveSameType(old, change.value) {
        original[key] = try mergeValue(
          change.value, into: old, field(key, of: schema, for: change.value), isDeletion: isDeletion)
      } else if !isDeletion {
        original[key] = change.value.withoutDirectives
      }
    }
    return original
  }

  private static func mergeValue(
    _ patch: JSON, into original: JSON, _ field: PatchField, isDeletion: Bool
  ) throws(KubernetesAPIError) -> JSON {
    switch (original, patch) {
    case (.object(let old), .object(let new)):
      return field.isReplaced ? patch.withoutDirectives : .object(try merge(new, into: old, field.child))
    case (.array(let old), .array(let new)):
      guard field.mergesList else { return patch.withoutDirectives }
      return .array(try mergeList(new, into: old, field, isDeletion: isDeletion))
    default: return patch
    }
  }

  /// A type's field, which a patch may only name where the type has it; scalars need no look-up.
  private static func field(
    _ name: String, of schema: (any PatchSchema)?, for value: JSON
  ) throws(KubernetesAPIError) -> PatchField {
    guard let schema, value.object != nil || value.array != nil else { return PatchField() }
    guard let field = schema.patchField(name) else {
      throw .inapplicable(
        "unable to find api field in struct \(schema.patchTypeName) for the json field \(name.goQuoted)")
    }
    return field
  }

  private static func haveSameType(_ left: JSON, _ right: JSON) -> Bool { left.typeName == right.typeName }

  private static func listName(
    _ key: String, _ prefix: String, _ what: String
  ) throws(KubernetesAPIError) -> String {
    guard key.hasPrefix(prefix + "/") else { throw .badPatch("invalid patch format of \(what)") }
    return String(key.dropFirst(prefix.count + 1))
  }

  /// `$retainKeys` lists the members that stay; all that the patch sets must be among them.
  private static func applyRetainedKeys(
    _ patch: inout JSONObject, _ original: inout JSONObject
  ) throws(KubernetesAPIError) {
    guard let directive = patch[retainKeys] else { return }
    patch[retainKeys] = nil
    guard case .array(let items) = directive else { throw .badPatch("invalid patch format of retainKeys") }
    let kept = Set(items.compactMap(\.string))
    for change in patch.members where !change.value.isNull && !change.key.hasPrefix(deletionPrefix) {
      guard kept.contains(change.key) || change.key.hasPrefix(orderPrefix) else {
        throw .badPatch("invalid patch format of retainKeys")
      }
    }
    original.members.removeAll { !kept.contains($0.key) }
  }

  /// `$setElementOrder/LIST` gives the order of a list's elements; those only the server has keep their places.
  private static func applyElementOrders(
    _ patch: inout JSONObject, _ original: inout JSONObject, _ schema: (any PatchSchema)?
  ) throws(KubernetesAPIError) {
    for directive in patch.members where directive.key.hasPrefix(orderPrefix) {
      patch[directive.key] = nil
      guard case .array(let order) = directive.value else {
        throw .badPatch("invalid patch format of setElementOrder list")
      }
      let name = try listName(directive.key, orderPrefix, "setElementOrder list")
      let field = try self.field(name, of: schema, for: directive.value)
      let old = try list(original[name])
      let new = try list(patch[name])
      if let new { try checkOrder(of: new, against: order, key: field.mergeKey) }
      let merged: [JSON]
      switch (old, new) {
      case (let old?, let new?):
        merged = field.mergesList ? try mergeList(new, into: old, field, isDeletion: false) : new
      case (let old?, nil): merged = old
      case (nil, let new?): merged = new.filter { $0[marker] == nil }.map(\.withoutDirectives)
      case (nil, nil): continue
      }
      patch[name] = nil
      original[name] = .array(
        try ElementOrder(mergeKey: field.mergeKey).arranged(merged, by: order, thenAs: old ?? []))
    }
  }

  private static func list(_ value: JSON?) throws(KubernetesAPIError) -> [JSON]? {
    guard let value, !value.isNull else { return nil }
    guard case .array(let elements) = value else {
      throw .inapplicable("expected a []interface {}, but received a \(value.typeName)")
    }
    return elements
  }

  /// The patch's elements must occur in the order list, in the same order.
  private static func checkOrder(
    of patch: [JSON], against order: [JSON], key: String?
  ) throws(KubernetesAPIError) {
    guard !order.isEmpty, !patch.isEmpty else { return }
    let identity = ElementOrder(mergeKey: key)
    var place = 0
    for element in patch where element[marker] == nil {
      let wanted = try identity.key(of: element)
      while place < order.count, try identity.key(of: order[place]) != wanted { place += 1 }
      guard place < order.count else {
        throw .badPatch(
          "The order in patch list:\n\(JSON.array(patch))\n doesn't match \(orderPrefix) list:\n\(JSON.array(order))\n")
      }
      place += 1
    }
  }
}

extension JSON {
  /// A value that is taken over whole: without nulls and without the directives that have nothing to act on.
  var withoutDirectives: JSON {
    switch self {
    case .object(var object):
      if object[StrategicMergePatch.marker] == "delete" { return .object([:]) }
      object.members.removeAll { $0.value.isNull || $0.key.hasDirectivePrefix }
      for index in object.members.indices {
        object.members[index].value = object.members[index].value.withoutDirectives
      }
      return .object(object)
    case .array(let elements):
      return .array(
        elements.filter { $0[StrategicMergePatch.marker] == nil }.map(\.withoutDirectives))
    default: return self
    }
  }
}

extension String {
  fileprivate var hasDirectivePrefix: Bool {
    self == StrategicMergePatch.marker || self == "$retainKeys" || hasPrefix("$setElementOrder/")
      || hasPrefix("$deleteFromPrimitiveList/")
  }
}

extension KubernetesAPIError {
  static func badPatch(_ message: String) -> KubernetesAPIError { .init(.invalidPatch, message) }

  static func unknownDirective(_ directive: JSON, _ patch: JSONObject) -> KubernetesAPIError {
    inapplicable("unknown patch type: \(directive.string ?? directive.description) in map: \(JSON.object(patch))")
  }
}
