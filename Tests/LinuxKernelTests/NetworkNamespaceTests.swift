import Glibc
import LinuxKernel
import Testing

@Suite struct KernelNetworkNamespaceTests {
  @Test func workRunsInsideAndTheCallerStaysOutside() throws {
    let home = try NetworkNamespace.current().inode
    let namespace = try NetworkNamespace.create()
    #expect(namespace.inode != home)
    #expect(try namespace.run { try NetworkNamespace.current().inode } == namespace.inode)
    #expect(try NetworkNamespace.current().inode == home)
  }

  @Test func aSocketKeepsItsNamespace() throws {
    let namespace = try NetworkNamespace.create()
    // Two namespaces, the same port: both may bind it.
    func bound(_ socket: borrowing FileDescriptor) -> Int32 {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = UInt16(7777).bigEndian
      let raw = socket.rawValue
      return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(raw, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
    let datagram = Int32(SOCK_DGRAM.rawValue)
    let one = try namespace.socket(AF_INET, datagram)
    let two = try NetworkNamespace.create().socket(AF_INET, datagram)
    #expect(bound(one) == 0)
    #expect(bound(two) == 0)
  }

  @Test func aPathThatIsNoNamespaceIsRefused() {
    let error = #expect(throws: KernelError.self) { try NetworkNamespace.open(path: "/etc/hostname") }
    #expect(error?.errno == EINVAL)
    let gone = #expect(throws: KernelError.self) { try NetworkNamespace.open(path: "/run/netns/no-such") }
    #expect(gone?.errno == ENOENT)
  }

  @Test func settingsBelongToTheNamespace() throws {
    let namespace = try NetworkNamespace.create()
    let before = try Sysctl.read("net/ipv4/ip_forward")
    try namespace.run {
      try Sysctl.set("net/ipv4/ip_forward", to: "1")
      #expect(try Sysctl.read("net/ipv4/ip_forward") == "1")
      #expect(try Sysctl.set("net/ipv4/ip_forward", to: "1") == false)
    }
    #expect(try Sysctl.read("net/ipv4/ip_forward") == before)
  }

  @Test func namespacesLeaveNoDescriptorBehind() throws {
    let before = Self.openNamespaces()
    for _ in 0..<50 { _ = try NetworkNamespace.create() }
    // Other suites open a few of their own meanwhile, hence the margin; 50 leaked ones would be far beyond it.
    #expect(Self.openNamespaces() - before < 40)
  }

  /// How many of this process's descriptors are network namespaces.
  private static func openNamespaces() -> Int {
    (0..<4_096).count { descriptor in
      var target = [UInt8](repeating: 0, count: 64)
      let length = target.withUnsafeMutableBytes { buffer in
        buffer.withMemoryRebound(to: CChar.self) { text in
          text.baseAddress.map { readlink("/proc/self/fd/\(descriptor)", $0, text.count) } ?? -1
        }
      }
      return length > 0 && String(decoding: target[..<length], as: UTF8.self).hasPrefix("net:[")
    }
  }
}
