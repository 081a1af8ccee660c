import Glibc

/// The folder that holds the server's state.
enum DataDirectory {
  /// Makes the folder, readable by its owner only, with those above it.
  static func prepare(_ path: String) throws(APIServerError) {
    var made = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      made += made.isEmpty && !path.hasPrefix("/") ? String(part) : part.isEmpty ? "" : "/\(part)"
      if made.isEmpty { continue }
      guard mkdir(made, 0o700) == 0 || errno == EEXIST else {
        throw APIServerError(
          .dataDirectory, "cannot make the folder \(path) (\(String(cString: strerror(errno)))); choose another one")
      }
    }
    guard access(path, R_OK | W_OK | X_OK) == 0 else {
      throw APIServerError(.dataDirectory, "the folder \(path) is not writable; choose another one")
    }
  }
}
