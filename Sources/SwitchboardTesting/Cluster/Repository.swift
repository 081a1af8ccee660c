internal import Glibc

/// Where the checkout lies that the tests were built from.
package enum Repository {
  package static let root: String = {
    // This file is three folders below it.
    var parts = "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(4)
    return parts.joined(separator: "/")
  }()

  /// The `switchboard` that cluster tests run; `SWITCHBOARD_PROGRAM` names another.
  package static var program: String {
    getenv("SWITCHBOARD_PROGRAM").map { String(cString: $0) } ?? "\(root)/.build/debug/switchboard"
  }
}
