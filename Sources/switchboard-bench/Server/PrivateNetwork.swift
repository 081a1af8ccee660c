import LinuxKernel
import Netlink
import NetworkTypes

/// A command that runs in a network namespace of its own, without a way out.
protocol NetworkIsolated {}

/// The network of such a command: a loopback interface with one address that is not the loopback's, for the API to be
/// advertised under.
enum PrivateNetwork {
  static let address = IPAddress(v4: 172, 30, 0, 11)

  /// Moves the calling process, which has to have one thread only.
  static func enter() throws {
    try Namespaces.unshare(.network)
    let routes = try RouteSocket()
    let loopback = try routes.index(of: "lo")
    try routes.apply { batch in
      batch.setUp(loopback)
      batch.add(InterfaceAddress(address, link: loopback))
    }
  }
}
