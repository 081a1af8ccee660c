package import LinuxKernel
package import NetworkTypes

/// A socket that waits for packets.
package struct ListeningSocket: Hashable, Sendable {
  package let transport: TransportProtocol
  package let address: IPAddress
  package let port: UInt16
  /// Of one at `::`: whether it takes IPv4 too. A socket does, unless it was told otherwise.
  package let takesBothFamilies: Bool

  package init(_ transport: TransportProtocol, _ address: IPAddress, _ port: UInt16, takesBothFamilies: Bool = true) {
    self.transport = transport
    self.address = address
    self.port = port
    self.takesBothFamilies = takesBothFamilies
  }

  /// Whether packets to the address come to it.
  package func takes(_ target: IPAddress) -> Bool {
    guard address.isUnspecified else { return address == target }
    return address.family == target.family || address.family == .v6 && takesBothFamilies
  }

  /// Those for TCP and UDP of the calling thread's network namespace.
  package static func all() throws -> [ListeningSocket] {
    do {
      return try diagnosed()
    } catch  where saysNothing(error) {
      // The tables do not tell who takes one family only, and take milliseconds: the kernel looks through all connections of
      // the machine for them.
      return try printed()
    }
  }

  /// Whether the kernel has no socket diagnosis (EPROTONOSUPPORT), or none of such sockets (ENOENT).
  static func saysNothing(_ error: any Error) -> Bool {
    let code = (error as? NetlinkError)?.errno ?? (error as? KernelError)?.errno
    return code == 93 || code == 2
  }
}
