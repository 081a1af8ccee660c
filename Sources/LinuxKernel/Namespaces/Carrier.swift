internal import CLinux

/// The physical state of interfaces.
package enum Carrier {
  /// Whether an interface has a carrier, in the network namespace of `socket`, which may be of any kind.
  ///
  /// Asking also settles the matter: an interface whose carrier has just come sends nothing until deferred work of the
  /// kernel has run, and this question (ETHTOOL_GLINK) runs it first.
  package static func isPresent(
    on interface: String, _ socket: borrowing FileDescriptor
  ) throws(KernelError) -> Bool {
    let raw = socket.rawValue
    return try systemCall("ioctl SIOCETHTOOL", interface) { swb_ethtool_carrier(raw, interface) } == 1
  }
}
