import LinuxKernel
import Netlink
import NetworkTypes
import Testing

@testable import Lab

/// A network namespace stands for the machine.
struct KernelClusterNetworkTests {
  private static func configuration(uplink: Bool) -> ClusterConfiguration {
    ClusterConfiguration(
      name: "test", nodeCount: 2, folder: ClusterFolder("/nonexistent"), program: "", plugin: "",
      containerdConfiguration: "", hasUplink: uplink, issueCredentials: { _, _, _ in })
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
        #expect(try routes.lookup(IPAddress(v4: 192, 0, 2, 1))?.gateway == ClusterAddresses.machine)
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
      try routes.apply { $0.add(InterfaceAddress(ClusterAddresses.machine, prefixLength: 24, link: loopback)) }
      let error = #expect(throws: LabError.self) { try ClusterNetwork(Self.configuration(uplink: false)).makeBridge() }
      #expect(error?.code == .refused)
    }
  }
}
