package import LinuxKernel

/// What the kernel's nf_tables can do, tried out in a network namespace made for it.
package enum NFTFeatures {
  package static func probe() -> [KernelFeature] {
    [
      trying("nftables-nat", "Services and masquerading translate addresses", "nft_chain_nat, nft_nat and nft_masq") {
        [
          .addTable, .addChain(Chain("probe", base: .init(.nat, .postrouting, priority: 100))),
          .addRule(chain: "probe", Rule("", [.masquerade])),
        ]
      },
      trying("nftables-maps", "Services are looked up in maps", "nft_numgen") {
        [
          .addTable, .addSet(NamedSet("map", key: [.ipv4Address, .port], value: .fields([.ipv4Address]))),
          .addChain(Chain("probe", base: .init(.nat, .prerouting, priority: -100))),
          .addRule(
            chain: "probe",
            Rule(
              "",
              [
                .random(modulus: 2, into: Register(1)),
                .payload(.network, offset: 16, length: 4, into: Register(0)),
                .lookup("map", key: Register(0), into: Register(2)),
                .destinationNAT(.ipv4, address: Register(2), port: nil),
              ])),
        ]
      },
      trying(
        "nftables-intervals", "policies look blocks and port ranges up together with who they are for", "nft_set_pipapo"
      ) {
        [
          .addTable,
          .addSet(NamedSet("blocks", key: [.mark, .ipv4Address], isInterval: true)),
          .addSet(NamedSet("ports", key: [.mark, .transportProtocol, .port], isInterval: true)),
        ]
      },
      trying("nftables-profiles", "a pod's policies are found by its address", "nft_ct") {
        [
          .addTable, .addSet(NamedSet("profiles", key: [.mark], value: .verdict)), .addChain(Chain("profile")),
          .addChain(Chain("probe", base: .init(.filter, .forward, priority: 0))),
          .addElements(set: "profiles", [SetElement(RegisterWords(1), .verdict(.jump("profile")))]),
          .addRule(
            chain: "probe",
            Rule(
              "",
              [
                .connection(.state, nil, into: Register(0)), .lookupVerdict("profiles", key: Register(0)),
              ])),
        ]
      },
      trying("nftables-reject", "a Service without endpoints refuses at once", "nft_reject_ipv4") {
        [
          .addTable, .addChain(Chain("probe", base: .init(.filter, .forward, priority: 0))),
          .addRule(chain: "probe", Rule("", [.reject(.unreachable(code: 3))])),
        ]
      },
      probeLog(),
    ]
  }

  /// Whether rules can tell of packets. Nothing else depends on it.
  package static func probeLog() -> KernelFeature {
    trying(
      "nftables-log", "`switchboard flows` shows what policies drop", "nft_limit, nft_log and nfnetlink_log",
      importance: .optional
    ) {
      [
        .addTable, .addChain(Chain("probe", base: .init(.filter, .forward, priority: 0))),
        .addRule(
          chain: "probe",
          Rule("", [.limit(perSecond: 1, burst: 1), .log(PacketLogging(group: 1, prefix: "probe", length: 64))])),
      ]
    }
  }

  private static func trying(
    _ name: String, _ purpose: String, _ modules: String, importance: KernelFeature.Importance = .required,
    _ operations: () -> [NFTOperation]
  ) -> KernelFeature {
    .trying(
      name, purpose, importance: importance,
      remedy: "load the modules nf_tables, \(modules), or boot a kernel that has them"
    ) {
      let connection = try NFTConnection(in: try NetworkNamespace.create())
      try connection.commit(NFTTransaction(Table(.ipv4, "switchboard-probe"), operations()))
      return ""
    }
  }
}
