package import LinuxKernel

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
        $0.createVXLAN("probe", identifier: 1, port: 4789, local: nil)
      },
    ]
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
