import Glibc
import LinuxKernel
import Netlink
import NetworkTypes
import SwitchboardTesting
import Testing

@testable import Lab

/// A network namespace stands for the machine.
struct KernelClusterNetworkTests {
  private static func configuration(
    uplink: Bool, _ families: [IPAddress.Family] = [.v4]
  ) -> ClusterConfiguration {
    var configuration = ClusterConfiguration(
      name: "test", nodeCount: 2, folder: ClusterFolder("/nonexistent"), program: "", plugin: "",
      containerdConfiguration: "", hasUplink: uplink, issueCredentials: { _, _, _ in })
    configuration.families = families
    return configuration
  }

  @Test(arguments: [[IPAddress.Family.v4, .v6], [.v6]]) func nodesHaveAddressesOfTheClustersFamilies(
    _ families: [IPAddress.Family]
  ) throws {
    let machine = try NetworkNamespace.create()
    try machine.run {
      let configuration = Self.configuration(uplink: true, families)
      let network = try ClusterNetwork(configuration)
      try network.makeBridge()
      let node = try network.makeNode(1)
      let routes = try RouteSocket(in: node)
      let held = Set(try routes.addresses().filter { !$0.address.isLoopback && !$0.address.isLinkLocal }.map(\.address))
      let version4 = ["10.96.0.10", "172.30.0.11"].map { IPAddress($0)! }
      let version6 = ["fd53:7762:2::a", "fd53:7762::11"].map { IPAddress($0)! }
      #expect(held == Set((families.contains(.v4) ? version4 : []) + version6))
      #expect(configuration.addresses(ofNode: 1).map(\.family) == families)
      #expect(try routes.lookup(IPAddress("2001:db8::1")!)?.gateway == IPAddress("fd53:7762::1"))
      // In force at once, and reached by the machine as soon as the kernel answers for it.
      #expect(
        try !node.run { try KernelFile.text("/proc/thread-self/net/if_inet6") }.split(separator: "\n").contains {
          // The flags' place; 0x40 is IFA_F_TENTATIVE.
          UInt8($0.split(separator: " ")[4], radix: 16)! & 0x40 != 0
        })
      for namespace in [machine, node] { try namespace.settleAddresses() }
      let listener = try node.run {
        try BoundSocket.stream(address: IPAddress("fd53:7762::11")!.bytes, port: 80).release()
      }
      defer { close(listener) }
      #expect(listen(listener, 1) == 0)
      _ = try ConnectedSocket.stream(to: IPAddress("fd53:7762::11")!.bytes, port: 80, seconds: 1)
    }
  }

  @Test func theWayOutIsClosedAsItWasFound() throws {
    try NetworkNamespace.create().run {
      let names = ["net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding", "net/ipv6/conf/up0/accept_ra"]
      try RouteSocket().apply { $0.createVeth(.init(name: "up0"), peer: .init(name: "up1")) }
      let before = try names.map { try Sysctl.read($0) }
      var former: [FormerSetting] = []
      try Uplink.open([.v4, .v6], noting: &former)
      #expect(try names.map { try Sysctl.read($0) } == ["1", "1", "2"])
      try Uplink.close([.v4, .v6], restoring: former)
      #expect(try names.map { try Sysctl.read($0) } == before)
    }
  }

  @Test func nodesHaveTheirAddressesAndSettings() throws {
    let machine = try NetworkNamespace.create()
    try machine.run {
      let network = try ClusterNetwork(Self.configuration(uplink: true))
      try network.makeBridge()
      for index in 1...2 {
        let node = try network.makeNode(index)
        let routes = try RouteSocket(in: node)
        let addresses = Set(try routes.addresses().filter { $0.address.family == .v4 }.map(\.address.description))
        #expect(addresses == ["127.0.0.1", "10.96.0.10", "172.30.0.1\(index)"])
        #expect(try routes.link(named: "eth0")?.isUp == true)
        #expect(try routes.lookup(IPAddress(v4: 192, 0, 2, 1))?.gateway == IPAddress.Family.v4.addresses.machine)
        let settings = try node.run {
          try ["ip_forward", "conf/all/send_redirects", "conf/eth0/send_redirects"].map {
            try Sysctl.read("net/ipv4/\($0)")
          }
            + [try Sysctl.read("net/netfilter/nf_conntrack_tcp_loose")]
        }
        #expect(settings == ["1", "0", "0", "0"])
      }
      #expect(try RouteSocket().link(named: ClusterAddresses.bridge)?.isUp == true)
      try ClusterNetwork.removeBridge()
      #expect(try RouteSocket().link(named: ClusterAddresses.bridge) == nil)
    }
  }

  @Test func aBridgeThatIsThereIsNotTakenOver() throws {
    try NetworkNamespace.create().run {
      let network = try ClusterNetwork(Self.configuration(uplink: false))
      try network.makeBridge()
      let error = #expect(throws: LabError.self) { try network.makeBridge() }
      #expect(error?.code == .alreadyUp)
    }
  }

  @Test func anAddressInUseIsSaidToBe() throws {
    try NetworkNamespace.create().run {
      let routes = try RouteSocket()
      let loopback = try routes.index(of: "lo")
      try routes.apply {
        $0.add(InterfaceAddress(IPAddress.Family.v4.addresses.machine, prefixLength: 24, link: loopback))
      }
      let error = #expect(throws: LabError.self) { try ClusterNetwork(Self.configuration(uplink: false)).makeBridge() }
      #expect(error?.code == .refused)
    }
  }
}
