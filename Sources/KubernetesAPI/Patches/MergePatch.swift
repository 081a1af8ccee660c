package import JSONTree

/// JSON Merge Patch (RFC 7386).
package enum MergePatch {
  /// `document` with `patch` merged in: null removes a member, an object merges, anything else replaces.
  package static func apply(_ patch: JSON, to document: JSON) -> JSON {
    guard case .object(let changes) = patch else { return patch }
    var result = document.object ?? JSONObject()
    for change in changes.members {
      if change.value.isNull {
        result[change.key] = nil
      } else {
        result[change.key] = apply(change.value, to: result[change.key] ?? .null)
      }
    }
    return .object(result)
  }
}
