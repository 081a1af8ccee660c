/// Capabilities of linux/capability.h that something here depends on.
package enum Capability: Int, Sendable, CaseIterable {
  case netAdmin = 12
  case netRaw = 13
  case sysAdmin = 21
  case sysResource = 24
  case bpf = 39

  package var name: String {
    switch self {
    case .netAdmin: "CAP_NET_ADMIN"
    case .netRaw: "CAP_NET_RAW"
    case .sysAdmin: "CAP_SYS_ADMIN"
    case .sysResource: "CAP_SYS_RESOURCE"
    case .bpf: "CAP_BPF"
    }
  }

  /// Whether the calling thread has it in force.
  package var isEffective: Bool { Self.effective(in: (try? KernelFile.text("/proc/thread-self/status")) ?? "", self) }

  /// Reads the CapEff line of a /proc/PID/status.
  static func effective(in status: String, _ capability: Capability) -> Bool {
    for line in status.split(separator: "\n") where line.hasPrefix("CapEff:") {
      let digits = line.dropFirst("CapEff:".count).drop { $0 == "\t" || $0 == " " }
      return UInt64(digits, radix: 16).map { $0 & (1 << UInt64(capability.rawValue)) != 0 } ?? false
    }
    return false
  }
}
