/// Why a configuration was not applied.
package enum ApplyError: Error, Sendable {
  /// The request is at fault as a whole.
  case badRequest(String)
  /// The configuration does not fit the schema, or cannot be merged.
  case unfit(String)
  /// Other managers own fields that would change.
  case conflicts([FieldConflict])
}

/// A field that an apply would change and that somebody else owns.
package struct FieldConflict: Sendable, Hashable {
  /// As messages name it: `"kubectl" using apps/v1`.
  package let manager: String
  /// `.spec.replicas`
  package let path: String

  init(_ entry: ManagedFields.Entry, path: String) {
    var manager = entry.owner.manager.goQuoted
    if !entry.owner.subresource.isEmpty { manager += " with subresource \(entry.owner.subresource.goQuoted)" }
    if entry.owner.operation == .update { manager += " using \(entry.owner.apiVersion)" }
    self.manager = manager
    self.path = path
  }

  /// `conflict with "kubectl" using apps/v1`
  package var message: String { "conflict with \(manager)" }

  /// What upstream says of all conflicts of one apply.
  package static func message(_ conflicts: [FieldConflict]) -> String {
    if conflicts.count == 1 {
      return "Apply failed with 1 conflict: \(conflicts[0].message): \(conflicts[0].path)"
    }
    var lines: [String] = []
    var last: String?
    for conflict in conflicts {
      if conflict.manager != last { lines.append("conflicts with \(conflict.manager):") }
      last = conflict.manager
      lines.append("- \(conflict.path)")
    }
    return "Apply failed with \(conflicts.count) conflicts: \(lines.joined(separator: "\n"))"
  }
}
