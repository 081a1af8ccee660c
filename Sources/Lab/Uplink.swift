internal import LinuxKernel
internal import NetworkTypes

/// The nodes' way out through this machine: forwarding, and our address instead of theirs.
enum Uplink {
  private static let table = "switchboard-uplink"

  /// Opens it and notes each kernel setting it has changed, with its former value, for ``close(_:restoring:)``.
  static func open(_ families: [IPAddress.Family], noting former: inout [FormerSetting]) throws {
    for family in families {
      for (name, value) in settings(family) {
        let before = try Sysctl.read(name)
        if try Sysctl.set(name, to: value) { former.append(FormerSetting(name: name, value: before)) }
      }
      try nft(rules(family))
    }
  }

  static func close(_ families: [IPAddress.Family], restoring settings: [FormerSetting]) throws {
    for family in families {
      // Declared first: deleting a table that is not there would fail.
      let name = "\(word(family)) \(table)"
      try nft("table \(name)\ndelete table \(name)")
    }
    // Forwarding goes before what the machine learns of routers is as it was.
    for setting in settings.reversed() { try Sysctl.set(setting.name, to: setting.value) }
  }

  private static func settings(_ family: IPAddress.Family) -> [(name: String, value: String)] {
    switch family {
    case .v4: return [("net/ipv4/ip_forward", "1")]
    case .v6:
      // A machine that forwards forgets what it learnt of routers, unless it is told (by 2) to go on listening.
      let folder = "net/ipv6/conf"
      let listening = FileTree.names(in: "/proc/sys/\(folder)").filter { interface in
        // An interface that went away meanwhile has nothing to keep, nor has one that forwards already.
        !["all", "default", "lo"].contains(interface)
          && (try? Sysctl.read("\(folder)/\(interface)/forwarding")) == "0"
          && (try? Sysctl.read("\(folder)/\(interface)/accept_ra")) == "1"
      }
      return listening.map { ("\(folder)/\($0)/accept_ra", "2") } + [("\(folder)/all/forwarding", "1")]
    }
  }

  private static func rules(_ family: IPAddress.Family) -> String {
    """
    table \(word(family)) \(table) {
      chain postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        \(word(family)) saddr \(family.addresses.network) oifname != "\(ClusterAddresses.bridge)" masquerade
      }
    }
    """
  }

  private static func word(_ family: IPAddress.Family) -> String { family == .v4 ? "ip" : "ip6" }

  private static func nft(_ rules: String) throws {
    guard let nft = ProcessLauncher.find("nft") else {
      throw LabError(.missing, "nft is missing: apt-get install nftables")
    }
    let output = try ProgramOutput.run(ProcessLauncher(nft, ["-f", "-"]), input: Array(rules.utf8))
    guard output.exit.isSuccess else {
      throw LabError(.refused, "nft refused the nodes' way out: \(output.text)")
    }
  }
}

/// A kernel setting and the value it had before it was changed.
package struct FormerSetting: Sendable, Hashable {
  /// Below /proc/sys.
  package let name: String
  package let value: String
}
