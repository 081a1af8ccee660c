internal import Glibc
internal import LinuxKernel

/// The nodes' way out through this machine: forwarding, and our address instead of theirs.
enum Uplink {
  private static let table = "switchboard-uplink"
  private static let forwarding = "net/ipv4/ip_forward"

  /// Sets it up; returns the value that forwarding had, for ``close(forwarding:)``.
  static func open() throws -> String {
    let before = try Sysctl.read(forwarding)
    try Sysctl.set(forwarding, to: "1")
    try nft(
      """
      table ip \(table) {
        chain postrouting {
          type nat hook postrouting priority srcnat; policy accept;
          ip saddr \(ClusterAddresses.network) oifname != "\(ClusterAddresses.bridge)" masquerade
        }
      }
      """)
    return before
  }

  static func close(forwarding before: String?) throws {
    // Declared first: deleting a table that is not there would fail.
    try nft("table ip \(table)\ndelete table ip \(table)")
    if let before { try Sysctl.set(forwarding, to: before) }
  }

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
