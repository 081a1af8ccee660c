package import LinuxKernel

/// Kernel settings of one interface.
package enum LinkSettings {
  /// Name below /proc/sys/net/FAMILY/conf/INTERFACE, and value.
  package typealias Setting = (family: String, name: String, value: String)

  /// Of an interface that only routed packets pass: no link-local address is made up for it, and whoever is at its other
  /// end cannot make itself a router by advertising.
  package static let routedLink: [Setting] = [("ipv6", "addr_gen_mode", "1"), ("ipv6", "accept_ra", "0")]

  /// Of a pod's own interface: its addresses are in force at once (there is nobody to ask whether they are taken), and
  /// its routes are those it was given.
  package static let podInterface: [Setting] = [
    ("ipv6", "disable_ipv6", "0"), ("ipv6", "accept_dad", "0"), ("ipv6", "accept_ra", "0"),
  ]

  /// Sets what differs, in the calling thread's network namespace. A kernel without IPv6 has none of its settings.
  package static func apply(to interface: String, _ settings: [Setting]) throws(KernelError) {
    for (family, name, value) in settings {
      let path = "net/\(family)/conf/\(interface)"
      guard family == "ipv4" || KernelFile.exists("/proc/sys/\(path)") else { continue }
      try Sysctl.set("\(path)/\(name)", to: value)
    }
  }
}
