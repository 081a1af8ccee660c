import Glibc
import LinuxKernel

/// The folder that holds the server's state, for as long as a server works on it: two would write over each other.
final class DataDirectory: Sendable {
  private let lock: FileLock

  /// Makes the folder where it is missing and takes it for this server alone.
  init(_ path: String) throws(APIServerError) {
    try Self.prepare(path)
    lock = try Self.take(path)
  }

  private static func take(_ path: String) throws(APIServerError) -> FileLock {
    let lock: FileLock?
    do {
      lock = try FileLock.tryExclusive("\(path)/lock")
    } catch {
      throw APIServerError(.dataDirectory, "the folder \(path) cannot be locked", cause: error)
    }
    guard let lock else {
      throw APIServerError(.dataDirectory, "another server works on \(path); stop it, or choose another folder")
    }
    return lock
  }

  /// Makes the folder, readable by its owner only, with those above it.
  private static func prepare(_ path: String) throws(APIServerError) {
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
