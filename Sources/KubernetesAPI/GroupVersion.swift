/// An API group with a version; the core group's name is empty.
package struct GroupVersion: Hashable, Sendable, CustomStringConvertible {
  package let group: String
  package let version: String

  package init(group: String = "", version: String) {
    self.group = group
    self.version = version
  }

  /// Parses `apiVersion`: `v1` or `apps/v1`. `nil` for anything else.
  package init?(apiVersion: String) {
    let parts = apiVersion.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    self.init(group: parts.count == 2 ? String(parts[0]) : "", version: String(parts[parts.count - 1]))
  }

  /// The text of `apiVersion`.
  package var description: String { group.isEmpty ? version : "\(group)/\(version)" }
  /// `/api/v1` or `/apis/GROUP/VERSION`.
  package var path: String { group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)" }
}
