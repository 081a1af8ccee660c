import ClusterModel
import KubernetesAPI
import NamePlan
import NetworkTypes
import Testing

/// Every record of the Kubernetes DNS specification 1.1.0, and what has none.
@Suite struct SpecificationTests {
  private static let cluster: Cluster = {
    var cluster = Cluster()
    cluster.apply(
      .namespace(NamespaceModel(name: "shop")), .namespace(NamespaceModel(name: "empty")),
      .service(
        .clusterIP(
          "web", "10.96.0.7", ports: [.init(name: "http", port: 80), .init(name: "dns", transport: .udp, port: 53)])),
      .endpointSlice(
        EndpointSliceModel(of: "web", ["10.244.1.5", "!10.244.1.6"], ports: [.init(name: "http", port: 8080)])),
      .service(.clusterIP("dual", "10.96.0.8,fd00::8", ports: [.init(port: 80)])),
      .service(.headless("db")),
      .endpointSlice(
        EndpointSliceModel(
          of: "db", ["10.244.1.7=db-0", "10.244.2.7=DB-1", "10.244.2.8", "!10.244.2.9=db-3"],
          ports: [.init(name: "redis", port: 6379)])),
      .endpointSlice(
        EndpointSliceModel(of: "db", ["fd00::7=db-0"], ports: [.init(name: "redis", port: 6379)], name: "db-v6")),
      .service(.headless("none")), .endpointSlice(EndpointSliceModel(of: "none", ["!10.244.9.9"])),
      .service(.headless("starting", publishesNotReady: true)),
      .endpointSlice(EndpointSliceModel(of: "starting", ["!10.244.9.10=s-0"])),
      .service(.external("far", "Example.com.")), .service(.external("near", "web.shop.svc.cluster.local")),
      .service(.external("loop", "loop.shop.svc.cluster.local")),
      .service(.external("lost", "gone.shop.svc.cluster.local")))
    return cluster
  }()

  private static let zone = "cluster.local."

  @Test(
    arguments: [
      // 2.2 the schema's version.
      ("dns-version.cluster.local", .txt, ["dns-version.cluster.local. 5 TXT 1.1.0"]),
      ("dns-version.cluster.local", .a, ["NODATA"]),
      // 2.3 Services with a cluster address.
      ("web.shop.svc.cluster.local", .a, ["web.shop.svc.cluster.local. 5 A 10.96.0.7"]),
      ("WEB.Shop.svc.CLUSTER.local.", .a, ["web.shop.svc.cluster.local. 5 A 10.96.0.7"]),
      ("web.shop.svc.cluster.local", .aaaa, ["NODATA"]), ("web.shop.svc.cluster.local", .txt, ["NODATA"]),
      ("dual.shop.svc.cluster.local", .aaaa, ["dual.shop.svc.cluster.local. 5 AAAA fd00::8"]),
      (
        "_http._tcp.web.shop.svc.cluster.local", .srv,
        ["_http._tcp.web.shop.svc.cluster.local. 5 SRV 0 100 80 web.shop.svc.cluster.local."]
      ),
      (
        "_dns._udp.web.shop.svc.cluster.local", .srv,
        ["_dns._udp.web.shop.svc.cluster.local. 5 SRV 0 100 53 web.shop.svc.cluster.local."]
      ),
      ("_http._tcp.web.shop.svc.cluster.local", .a, ["NODATA"]),
      ("_http._udp.web.shop.svc.cluster.local", .srv, ["NXDOMAIN"]),
      ("_none._tcp.web.shop.svc.cluster.local", .srv, ["NXDOMAIN"]),
      ("_tcp.web.shop.svc.cluster.local", .srv, ["NODATA"]),
      ("_sctp.web.shop.svc.cluster.local", .srv, ["NXDOMAIN"]),
      ("_._tcp.dual.shop.svc.cluster.local", .srv, ["NXDOMAIN"]),
      ("7.0.96.10.in-addr.arpa", .ptr, ["7.0.96.10.in-addr.arpa. 5 PTR web.shop.svc.cluster.local."]),
      ("7.0.96.10.in-addr.arpa", .a, ["NODATA"]),
      (
        "8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", .ptr,
        ["8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa. 5 PTR dual.shop.svc.cluster.local."]
      ),
      // 2.4 headless Services.
      (
        "db.shop.svc.cluster.local", .a,
        ["10.244.1.7", "10.244.2.7", "10.244.2.8"].map { "db.shop.svc.cluster.local. 5 A \($0)" }
      ),
      ("db.shop.svc.cluster.local", .aaaa, ["db.shop.svc.cluster.local. 5 AAAA fd00::7"]),
      ("db-0.db.shop.svc.cluster.local", .a, ["db-0.db.shop.svc.cluster.local. 5 A 10.244.1.7"]),
      ("db-0.db.shop.svc.cluster.local", .aaaa, ["db-0.db.shop.svc.cluster.local. 5 AAAA fd00::7"]),
      ("db-1.db.shop.svc.cluster.local", .a, ["db-1.db.shop.svc.cluster.local. 5 A 10.244.2.7"]),
      ("db-1.db.shop.svc.cluster.local", .aaaa, ["NODATA"]),
      ("10-244-2-8.db.shop.svc.cluster.local", .a, ["10-244-2-8.db.shop.svc.cluster.local. 5 A 10.244.2.8"]),
      ("db-3.db.shop.svc.cluster.local", .a, ["NXDOMAIN"]), ("10-244-1-7.db.shop.svc.cluster.local", .a, ["NXDOMAIN"]),
      (
        "_redis._tcp.db.shop.svc.cluster.local", .srv,
        ["10-244-2-8", "db-0", "db-1"].map {
          "_redis._tcp.db.shop.svc.cluster.local. 5 SRV 0 25 6379 \($0).db.shop.svc.cluster.local."
        }
      ),
      ("7.1.244.10.in-addr.arpa", .ptr, ["7.1.244.10.in-addr.arpa. 5 PTR db-0.db.shop.svc.cluster.local."]),
      ("8.2.244.10.in-addr.arpa", .ptr, ["8.2.244.10.in-addr.arpa. 5 PTR 10-244-2-8.db.shop.svc.cluster.local."]),
      ("9.2.244.10.in-addr.arpa", .ptr, ["NXDOMAIN"]), ("1.1.1.1.in-addr.arpa", .ptr, ["FOREIGN"]),
      ("96.10.in-addr.arpa", .ptr, ["NODATA"]), ("168.192.in-addr.arpa", .ptr, ["FOREIGN"]),
      ("007.0.96.10.in-addr.arpa", .ptr, ["FOREIGN"]),
      ("none.shop.svc.cluster.local", .a, ["NXDOMAIN"]), ("_x._tcp.none.shop.svc.cluster.local", .srv, ["NXDOMAIN"]),
      ("s-0.starting.shop.svc.cluster.local", .a, ["s-0.starting.shop.svc.cluster.local. 5 A 10.244.9.10"]),
      // 2.5 external names.
      ("far.shop.svc.cluster.local", .cname, ["far.shop.svc.cluster.local. 5 CNAME example.com."]),
      ("far.shop.svc.cluster.local", .a, ["far.shop.svc.cluster.local. 5 CNAME example.com.", "ASK example.com."]),
      (
        "near.shop.svc.cluster.local", .a,
        [
          "near.shop.svc.cluster.local. 5 CNAME web.shop.svc.cluster.local.",
          "web.shop.svc.cluster.local. 5 A 10.96.0.7",
        ]
      ),
      (
        "near.shop.svc.cluster.local", .aaaa,
        ["near.shop.svc.cluster.local. 5 CNAME web.shop.svc.cluster.local.", "NODATA"]
      ),
      (
        "lost.shop.svc.cluster.local", .a,
        ["lost.shop.svc.cluster.local. 5 CNAME gone.shop.svc.cluster.local.", "NXDOMAIN"]
      ),
      // Names between the records exist without any; others do not.
      ("cluster.local", .a, ["NODATA"]), ("svc.cluster.local", .a, ["NODATA"]),
      ("shop.svc.cluster.local", .a, ["NODATA"]),
      ("empty.svc.cluster.local", .a, ["NODATA"]), ("other.svc.cluster.local", .a, ["NXDOMAIN"]),
      ("web.other.svc.cluster.local", .a, ["NXDOMAIN"]), ("gone.shop.svc.cluster.local", .a, ["NXDOMAIN"]),
      ("a.b.c.d.web.shop.svc.cluster.local", .a, ["NXDOMAIN"]), ("web.cluster.local", .a, ["NXDOMAIN"]),
      ("*.shop.svc.cluster.local", .a, ["NXDOMAIN"]), ("any.any.svc.cluster.local", .a, ["NXDOMAIN"]),
      ("ns.dns.cluster.local", .a, ["ns.dns.cluster.local. 5 A 10.96.0.10"]), ("dns.cluster.local", .a, ["NODATA"]),
      ("cluster.local", .ns, ["cluster.local. 5 NS ns.dns.cluster.local."]),
      ("cluster.local", .soa, ["cluster.local. 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. 5"]),
      // Pods by address, an extension.
      ("10-244-1-5.shop.pod.cluster.local", .a, ["10-244-1-5.shop.pod.cluster.local. 5 A 10.244.1.5"]),
      ("fd00--5.shop.pod.cluster.local", .aaaa, ["fd00--5.shop.pod.cluster.local. 5 AAAA fd00::5"]),
      ("10-244-1-5.shop.pod.cluster.local", .aaaa, ["NODATA"]),
      ("10-244-1-5.other.pod.cluster.local", .a, ["NXDOMAIN"]),
      ("10-244-1.shop.pod.cluster.local", .a, ["NXDOMAIN"]), ("10-244-1-500.shop.pod.cluster.local", .a, ["NXDOMAIN"]),
      ("shop.pod.cluster.local", .a, ["NODATA"]), ("pod.cluster.local", .a, ["NODATA"]),
      // Endpoints of a Service with an address, and SRV at its own name, as CoreDNS has them.
      ("10-244-1-5.web.shop.svc.cluster.local", .a, ["10-244-1-5.web.shop.svc.cluster.local. 5 A 10.244.1.5"]),
      ("5.1.244.10.in-addr.arpa", .ptr, ["5.1.244.10.in-addr.arpa. 5 PTR 10-244-1-5.web.shop.svc.cluster.local."]),
      (
        "dual.shop.svc.cluster.local", .srv,
        ["dual.shop.svc.cluster.local. 5 SRV 0 100 80 dual.shop.svc.cluster.local."]
      ),
      // Everything else.
      ("example.com", .a, ["FOREIGN"]), ("local", .a, ["FOREIGN"]), ("mycluster.local", .a, ["FOREIGN"]),
      ("xcluster.local", .a, ["FOREIGN"]), ("in-addr.arpa", .ns, ["FOREIGN"]), (".", .ns, ["FOREIGN"]),
    ] as [(String, RecordType, [String])])
  func answers(_ name: String, _ type: RecordType, _ expected: [String]) {
    #expect(Self.cluster.ask(name, type).sorted() == expected.sorted())
  }

  @Test func negativeAnswersNameTheZone() {
    let index = Self.cluster.index
    let negative = index.resolve(DNSName("gone.shop.svc.cluster.local")!, .a)
    #expect(negative.authority?.line == "cluster.local. 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. 5")
    let reverse = index.resolve(DNSName("9.2.244.10.in-addr.arpa")!, .ptr)
    #expect(reverse.authority?.owner.description == "in-addr.arpa.")
    #expect(index.resolve(DNSName("web.shop.svc.cluster.local")!, .a).authority == nil)
  }

  @Test func serviceRecordsBringTheAddresses() {
    let resolution = Self.cluster.index.resolve(DNSName("_redis._tcp.db.shop.svc.cluster.local")!, .srv)
    #expect(
      resolution.additional.map(\.line).sorted() == [
        "10-244-2-8.db.shop.svc.cluster.local. 5 A 10.244.2.8", "db-0.db.shop.svc.cluster.local. 5 A 10.244.1.7",
        "db-0.db.shop.svc.cluster.local. 5 AAAA fd00::7", "db-1.db.shop.svc.cluster.local. 5 A 10.244.2.7",
      ])
  }

  @Test func aCircleOfAliasesEnds() {
    let resolution = Self.cluster.index.resolve(DNSName("loop.shop.svc.cluster.local")!, .a)
    #expect(resolution.outcome == .found)
    #expect(resolution.answers.count <= 9)
  }

  @Test func readyMadeAnswersHoldTheSameAddresses() throws {
    let key = Array("\u{2}db\u{4}shop".utf8)
    let service = try #require(key.withUnsafeBufferPointer { Self.cluster.index.service(wire: $0) })
    #expect(service.answersV4.count == 48 && service.answersV6.count == 28)
    #expect(service.answersV4.prefix(16) == [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 10, 244, 1, 7])
  }
}
