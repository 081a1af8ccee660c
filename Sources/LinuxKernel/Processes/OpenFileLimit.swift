internal import Glibc

/// How many descriptors this process may have open.
package enum OpenFileLimit {
  /// Raises the limit to the most that the process may give itself. Returns it.
  @discardableResult
  package static func raise() throws -> UInt64 {
    var limit = rlimit()
    try systemCall("getrlimit", "RLIMIT_NOFILE") {
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
    limit.rlim_cur = limit.rlim_max
    try systemCall("setrlimit", "RLIMIT_NOFILE") {
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
    return UInt64(limit.rlim_cur)
  }
}
