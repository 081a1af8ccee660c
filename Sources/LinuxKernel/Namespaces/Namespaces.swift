internal import CLinux
internal import Glibc

/// Namespaces of the calling thread.
package enum Namespaces {
  /// Gives the calling thread new namespaces. For single-threaded programs: other threads keep theirs, and a new PID
  /// namespace takes children only.
  package static func unshare(_ namespaces: NewNamespaces) throws(KernelError) {
    try systemCall("unshare") { swb_unshare(CInt(truncatingIfNeeded: namespaces.rawValue)) }
  }
}
