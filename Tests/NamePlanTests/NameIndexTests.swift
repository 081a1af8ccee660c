import ClusterModel
import KubernetesAPI
import NamePlan
import NetworkTypes
import Testing

@Suite struct NameIndexTests {
  @Test func changesAreFollowed() {
    var cluster = Cluster()
    cluster.apply(.namespace(NamespaceModel(name: "shop")), .service(.headless("db")))
    #expect(cluster.ask("db.shop.svc.cluster.local", .a) == ["NXDOMAIN"])
    cluster.apply(.endpointSlice(EndpointSliceModel(of: "db", ["10.244.1.7=db-0"])))
    #expect(cluster.ask("db-0.db.shop.svc.cluster.local", .a) == ["db-0.db.shop.svc.cluster.local. 5 A 10.244.1.7"])
    cluster.apply(.endpointSlice(EndpointSliceModel(of: "db", ["10.244.3.1=db-0"])))
    #expect(cluster.ask("db-0.db.shop.svc.cluster.local", .a) == ["db-0.db.shop.svc.cluster.local. 5 A 10.244.3.1"])
    #expect(cluster.ask("7.1.244.10.in-addr.arpa", .ptr) == ["NXDOMAIN"])
    cluster.apply(.serviceRemoved(ObjectName(namespace: "shop", name: "db")))
    #expect(cluster.ask("db.shop.svc.cluster.local", .a) == ["NXDOMAIN"])
    #expect(cluster.ask("1.3.244.10.in-addr.arpa", .ptr) == ["NXDOMAIN"])
    cluster.apply(.namespaceRemoved("shop"))
    #expect(cluster.ask("shop.svc.cluster.local", .a) == ["NXDOMAIN"])
  }

  @Test func anExternalNameIsEditedLive() {
    var cluster = Cluster()
    cluster.apply(.service(.external("far", "a.example")))
    cluster.apply(.service(.external("far", "b.example")))
    #expect(cluster.ask("far.shop.svc.cluster.local", .cname) == ["far.shop.svc.cluster.local. 5 CNAME b.example."])
    cluster.apply(.service(.clusterIP("far", "10.96.1.1")))
    #expect(cluster.ask("far.shop.svc.cluster.local", .a) == ["far.shop.svc.cluster.local. 5 A 10.96.1.1"])
  }

  @Test func anAddressOfTwoServicesPointsToBoth() {
    var cluster = Cluster()
    cluster.apply(
      .service(.headless("a")), .service(.headless("b")), .endpointSlice(EndpointSliceModel(of: "a", ["10.244.1.1"])),
      .endpointSlice(EndpointSliceModel(of: "b", ["10.244.1.1=x"])))
    #expect(
      cluster.ask("1.1.244.10.in-addr.arpa", .ptr) == [
        "1.1.244.10.in-addr.arpa. 5 PTR 10-244-1-1.a.shop.svc.cluster.local.",
        "1.1.244.10.in-addr.arpa. 5 PTR x.b.shop.svc.cluster.local.",
      ])
    cluster.apply(.serviceRemoved(ObjectName(namespace: "shop", name: "a")))
    #expect(
      cluster.ask("1.1.244.10.in-addr.arpa", .ptr) == ["1.1.244.10.in-addr.arpa. 5 PTR x.b.shop.svc.cluster.local."])
  }

  /// With two bits of hash almost every name collides; the answers must not change.
  @Test func collisionsChangeNoAnswer() {
    var cluster = Cluster(hashMask: 3)
    for number in 0..<40 { cluster.apply(.service(.clusterIP("s\(number)", "10.96.1.\(number)"))) }
    for number in stride(from: 0, to: 40, by: 3) {
      cluster.apply(.serviceRemoved(ObjectName(namespace: "shop", name: "s\(number)")))
    }
    for number in 0..<40 {
      let name = "s\(number).shop.svc.cluster.local"
      #expect(cluster.ask(name, .a) == [number % 3 == 0 ? "NXDOMAIN" : "\(name). 5 A 10.96.1.\(number)"])
    }
    for number in 0..<40 { cluster.apply(.service(.clusterIP("s\(number)", "10.96.2.\(number)"))) }
    #expect(cluster.index.serviceCount == 40)
    for number in 0..<40 {
      #expect(
        cluster.ask("s\(number).shop.svc.cluster.local", .a) == [
          "s\(number).shop.svc.cluster.local. 5 A 10.96.2.\(number)"
        ])
    }
  }

  @Test func oneChangeCostsOneService() {
    var cluster = Cluster()
    for number in 0..<2000 {
      cluster.apply(.service(.clusterIP("s\(number)", "10.97.\(number / 250).\(number % 250)")))
    }
    let before = cluster.index
    cluster.apply(.service(.clusterIP("s7", "10.98.0.1")))
    #expect(
      before.resolve(DNSName("s7.shop.svc.cluster.local")!, .a).answers.first?.data
        == .address(IPAddress(v4: 10, 97, 0, 7)))
    #expect(cluster.ask("s7.shop.svc.cluster.local", .a) == ["s7.shop.svc.cluster.local. 5 A 10.98.0.1"])
    #expect(cluster.index.serial == before.serial + 1)
  }

  @Test func namesInWireForm() {
    #expect(DNSName("a.B.")?.wire == [1, 97, 1, 98, 0])
    #expect(DNSName(wire: [1, 0x41, 0] as [UInt8])?.description == "a.")
    #expect(DNSName("a..b") == nil && DNSName(String(repeating: "a", count: 64)) == nil)
    #expect(DNSName(Array(repeating: "abcdefg", count: 32).joined(separator: ".")) == nil)
    #expect(DNSName(wire: [1, 97] as [UInt8]) == nil && DNSName(wire: [2, 97, 0] as [UInt8]) == nil)
    #expect(DNSName(wire: [0, 0] as [UInt8]) == nil && DNSName(wire: [] as [UInt8]) == nil)
    #expect(DNSName(wire: [0xc0, 12] as [UInt8]) == nil)
    #expect(DNSName(".") == .root)
  }

  @Test func dashedAddressesReadBack() {
    for text in ["10.244.1.5", "fd00::5", "::1", "fe80::1:2"] {
      let address = IPAddress(text)!
      #expect(IPAddress(dashed: address.dashed) == address)
    }
    #expect(IPAddress(dashed: "web") == nil && IPAddress(dashed: "1-2-3") == nil)
  }
}
