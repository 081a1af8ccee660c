package import LinuxKernel
internal import NetworkTypes

/// Kinds of interfaces, tried out in a network namespace made for it.
package enum LinkFeatures {
  package static func probe() -> [KernelFeature] {
    [
      trying("veth", "every pod hangs on a veth pair", .required) {
        $0.createVeth(.init(name: "a"), peer: .init(name: "b"))
      },
      trying("bridge", "`switchboard up` joins its nodes by a bridge", .required) {
        $0.createLink("probe", kind: "bridge")
      },
      trying("vxlan", "nodes without a common link need a tunnel", .optional) {
        $0.createVXLAN("probe", VXLANSettings(identifier: 1, port: 4789))
      },
      ipv6(),
    ]
  }

  /// Whether addresses of IPv6 can be had, which a boot parameter may have turned off.
  package static func ipv6() -> KernelFeature {
    .trying(
      "ipv6", "without it clusters are of IPv4 alone (`--ip-family ipv4`)", importance: .optional,
      remedy: "boot without ipv6.disable=1, or a kernel that has CONFIG_IPV6"
    ) {
      let namespace = try NetworkNamespace.create()
      try namespace.run { _ = try Sysctl.set("net/ipv6/conf/lo/disable_ipv6", to: "0") }
      let probe = IPAddress(family: .v6, value: 0xfd53_7762 << 96 | 1)
      try RouteSocket(in: namespace).apply { batch in
        batch.setUp(1)
        batch.add(InterfaceAddress(probe, link: 1))
      }
      return ""
    }
  }

  private static func trying(
    _ kind: String, _ purpose: String, _ importance: KernelFeature.Importance,
    _ build: (inout RouteBatch) -> Void
  ) -> KernelFeature {
    .trying(kind, purpose, importance: importance, remedy: "load the module `\(kind)`, or boot a kernel that has it") {
      try RouteSocket(in: try NetworkNamespace.create()).apply(build)
      return ""
    }
  }
}
