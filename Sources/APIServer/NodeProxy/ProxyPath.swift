/// The path of a request for a `proxy` subresource, split where the backend's own path begins.
struct ProxyPath: Sendable, Hashable {
  /// Up to and with `/proxy`, without a slash at its end.
  let prefix: String
  /// The backend's path as it was sent: empty, or from its slash on.
  let rest: String
  /// With its question mark, or empty.
  let query: String

  /// - Parameter depth: how many parts of the path the prefix has: 7 for what lies in namespaces, 5 for nodes.
  init(target: String, depth: Int) {
    let bytes = target.utf8
    let mark = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
    query = String(target[mark...])
    var index = bytes.startIndex
    var parts = 0
    while index < mark {
      if bytes[index] == UInt8(ascii: "/") {
        if parts == depth { break }
      } else if index == bytes.startIndex || bytes[bytes.index(before: index)] == UInt8(ascii: "/") {
        parts += 1
      }
      index = bytes.index(after: index)
    }
    prefix = String(target[..<index])
    rest = String(target[index..<mark])
  }

  /// What the backend is asked for.
  var backendTarget: String { (rest.isEmpty ? "/" : rest) + query }

  /// A backend's `Location` as the client can follow it: places on the backend itself lead through the proxy again.
  /// - Parameter authority: the backend's `HOST:PORT`.
  func rewritten(location: String, authority: String) -> String {
    var path = location[...]
    if let scheme = ["http://", "https://"].first(where: location.hasPrefix) {
      path = path.dropFirst(scheme.count)
      let end = path.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? path.endIndex
      guard path[..<end] == authority else { return location }
      path = path[end...]
      if path.first != "/" { return prefix + "/" + path }
    }
    guard path.first == "/", !path.hasPrefix("//") else { return location }
    return path == prefix || path.hasPrefix(prefix + "/") ? String(path) : prefix + path
  }
}
