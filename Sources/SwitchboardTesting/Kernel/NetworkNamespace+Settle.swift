import Glibc
package import LinuxKernel

extension NetworkNamespace {
  package struct UnsettledAddress: Error, CustomStringConvertible {
    package let description: String
  }

  /// Waits until every IPv6 address of the namespace's links that are up can be found by its neighbours.
  ///
  /// An address is held as soon as it was added, but the kernel joins the group by which neighbours ask for it in deferred
  /// work: a question before that is lost, and the asker repeats it after a second.
  package func settleAddresses() throws {
    try run {
      let deadline = ContinuousClock.now + .seconds(20)
      while let address = try Self.unsettledAddress() {
        guard ContinuousClock.now < deadline else {
          throw UnsettledAddress(description: "not within 20 s can neighbours find \(address)")
        }
        // The kernel tells nobody of a group it joined.
        usleep(1_000)
      }
    }
  }

  /// "ADDRESS INTERFACE" of the calling thread's network namespace, in the kernel's own notation.
  private static func unsettledAddress() throws -> String? {
    let fields = { (file: String) in
      try KernelFile.text("/proc/thread-self/net/\(file)").split(separator: "\n").map { $0.split(separator: " ") }
    }
    let groups = Set(try fields("igmp6").map { "\($0[2]) \($0[1])" })
    let unsettled = try fields("if_inet6").first { line in
      let (address, flags, interface) = (line[0], UInt8(line[4], radix: 16) ?? 0, line[5])
      let isTentative = flags & 0x40 != 0  // IFA_F_TENTATIVE
      return interface != "lo"
        && (isTentative || !groups.contains("ff0200000000000000000001ff\(address.suffix(6)) \(interface)"))
    }
    return unsettled.map { "\($0[0]) \($0[5])" }
  }
}
