import LinuxKernel

/// The effective capabilities of a process, as `/proc/PID/status` shows them (`CapEff`, proc(5)).
package struct Capabilities: OptionSet, Sendable {
  package let rawValue: UInt64

  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// CAP_SYS_RESOURCE, number 24 in <linux/capability.h>.
  package static let systemResource = Capabilities(rawValue: 1 << 24)

  /// This process's; none where they cannot be read.
  package static let current: Capabilities = {
    guard let status = try? KernelFile.text("/proc/self/status") else { return [] }
    return parse(status: status)
  }()

  static func parse(status: String) -> Capabilities {
    for line in status.split(separator: "\n") where line.hasPrefix("CapEff:") {
      let digits = line.dropFirst("CapEff:".count).filter { $0.isHexDigit }
      return Capabilities(rawValue: UInt64(digits, radix: 16) ?? 0)
    }
    return []
  }
}
