package import LinuxKernel
package import NetworkTypes

/// Kernel settings a node needs in its network namespace.
package enum NodeSettings {
  /// Name below /proc/sys, value, and what breaks without it.
  package typealias Setting = (name: String, value: String, purpose: String)

  package static let common: [Setting] = [
    ("net/netfilter/nf_conntrack_acct", "1", "`switchboard flows` says what a connection carried"),
    ("net/netfilter/nf_conntrack_events", "1", "`switchboard flows` sees the end of what began before the agent"),
  ]

  package static func settings(_ family: IPAddress.Family) -> [Setting] {
    switch family {
    case .v4:
      [
        ("net/ipv4/ip_forward", "1", "pods are reached through the node"),
        ("net/ipv4/conf/all/send_redirects", "0", "a pod's detour through its Service is meant"),
        ("net/ipv4/conf/default/send_redirects", "0", "a pod's detour through its Service is meant"),
      ]
    case .v6: [("net/ipv6/conf/all/forwarding", "1", "pods are reached through the node")]
    }
  }

  /// Whether a segment in the midst of a connection that the kernel does not know begins one: after a cut it must not.
  static func tracking(cutsFlows: Bool) -> Setting {
    ("net/netfilter/nf_conntrack_tcp_loose", cutsFlows ? "0" : "1", "a connection that was cut stays cut")
  }

  /// Sets what differs, in the calling thread's network namespace.
  /// - Parameters:
  ///   - families: those that the cluster has.
  ///   - cutsFlows: whether connections that policies come to forbid are to end.
  /// - Returns: the settings that could not be set, with the reason.
  package static func apply(
    _ families: Set<IPAddress.Family>, cutsFlows: Bool = true
  ) -> [(name: String, error: KernelError)] {
    // Before forwarding is on: from then on the kernel drops what it learnt of routers.
    var settings = families.contains(.v6) ? keepRouters() : []
    settings += (common + [tracking(cutsFlows: cutsFlows)]).map { ($0.name, $0.value) }
    for family in IPAddress.Family.allCases where families.contains(family) {
      settings += Self.settings(family).map { ($0.name, $0.value) }
    }
    var failures: [(name: String, error: KernelError)] = []
    for setting in settings {
      do {
        try Sysctl.set(setting.name, to: setting.value)
      } catch {
        failures.append((setting.name, error))
      }
    }
    return failures
  }

  /// A node that forwards IPv6 still takes its own way out from advertisements, on the interfaces where it did so (2
  /// instead of 1): those that did not forward yet. Those of pods are not among them.
  private static func keepRouters() -> [(name: String, value: String)] {
    let folder = "net/ipv6/conf"
    return FileTree.names(in: "/proc/sys/\(folder)").compactMap { interface in
      guard !["all", "default", "lo"].contains(interface), !interface.hasPrefix(PodLink.namePrefix) else { return nil }
      let name = "\(folder)/\(interface)/accept_ra"
      // An interface that went away meanwhile needs no setting.
      guard (try? Sysctl.read("\(folder)/\(interface)/forwarding")) == "0" else { return nil }
      return (try? Sysctl.read(name)) == "1" ? (name, "2") : nil
    }
  }
}
