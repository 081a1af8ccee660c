import ArgumentParser
import Lab
import LinuxKernel
import Netlink
import NetworkTypes

/// Which addresses a cluster on this machine has.
enum IPFamilyChoice: String, ExpressibleByArgument, CaseIterable {
  case ipv4
  case ipv6
  case dual

  static let usual = IPFamilyChoice.ipv4

  /// The primary family first. Throws where the machine's kernel has not what was asked for.
  var families: [IPAddress.Family] {
    get throws {
      guard self != .ipv4 else { return [.v4] }
      let feature = LinkFeatures.ipv6()
      if case .missing(let reason) = feature.state {
        throw LabError(
          .missing,
          "this machine has no IPv6 (\(reason)): use --ip-family ipv4, or \(feature.remedy). "
            + "`switchboard doctor` shows what else it lacks.")
      }
      return self == .dual ? [.v4, .v6] : [.v6]
    }
  }
}
