package import HTTPTypes
package import KubernetesAPI
import NetworkTypes

/// What a path of the API asks for: `/api/v1/namespaces/NS/pods/NAME/status` taken apart.
package struct RequestInfo: Sendable {
  package var groupVersion: GroupVersion
  /// As in the path; empty at the group version's own path.
  package var resource = ""
  package var namespace = ""
  package var name = ""
  package var subresource = ""
  /// What follows the subresource, as proxies take it.
  package var rest = ""
  /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete` or `deletecollection`.
  package var verb = ""

  /// `nil` for a path outside `/api/VERSION` and `/apis/GROUP/VERSION`.
  package init?(path: String, method: HTTPRequest.Method, query: QueryParameters) {
    // By bytes: to find where characters begin and end costs more than all the rest.
    var parts = path.utf8.split(separator: UInt8(ascii: "/")).map { PercentEncoding.decode(Substring($0)) }[...]
    guard let root = parts.popFirst() else { return nil }
    switch root {
    case "api":
      guard let version = parts.popFirst() else { return nil }
      groupVersion = GroupVersion(version: version)
    case "apis":
      guard parts.count >= 2 else { return nil }
      groupVersion = GroupVersion(group: parts.removeFirst(), version: parts.removeFirst())
    default: return nil
    }
    var isWatchPath = false
    if parts.first == "watch", parts.count > 1 {
      isWatchPath = true
      parts = parts.dropFirst()
    }
    if parts.first == "namespaces", parts.count >= 2 {
      let second = parts[parts.startIndex + 1]
      if parts.count == 2 || ["status", "finalize"].contains(parts[parts.startIndex + 2]) {
        resource = "namespaces"
        name = second
        parts = parts.dropFirst(2)
      } else {
        namespace = second
        parts = parts.dropFirst(2)
        resource = parts.removeFirst()
        name = parts.popFirst() ?? ""
      }
    } else {
      resource = parts.popFirst() ?? ""
      name = parts.popFirst() ?? ""
    }
    subresource = parts.popFirst() ?? ""
    rest = parts.joined(separator: "/")
    setVerb(method, isWatch: isWatchPath || query.flag("watch"))
  }

  private mutating func setVerb(_ method: HTTPRequest.Method, isWatch: Bool) {
    switch method {
    case .get, .head: verb = isWatch && subresource.isEmpty ? "watch" : name.isEmpty ? "list" : "get"
    case .post: verb = "create"
    case .put: verb = "update"
    case .patch: verb = "patch"
    case .delete: verb = name.isEmpty ? "deletecollection" : "delete"
    default: verb = method.rawValue.lowercased()
    }
  }
}
