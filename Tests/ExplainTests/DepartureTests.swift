import ClusterModel
import HashTreeCollections
import JSONTree
import KubernetesAPI
import NamePlan
import NetworkTypes
import PolicyPlan
import Testing

@testable import Explain

@Suite struct DepartureTests {
  private static let dns = IPAddress(v4: 10, 96, 0, 10)

  /// A client and a web pod in `shop`, a Service in front of the latter, and policies.
  private static func node(_ policies: JSON..., isReady: Bool = true) throws -> DepartureNode {
    let feed = ClusterFeed()
    let objects: [(ResourceKind, JSON)] = [
      (.namespaces, ["metadata": ["name": "shop", "labels": ["kubernetes.io/metadata.name": "shop"]]]),
      (
        .nodes,
        [
          "metadata": ["name": "node-1"], "spec": ["podCIDRs": ["10.244.1.0/24"]],
          "status": ["addresses": [["type": "InternalIP", "address": "172.30.0.11"]]],
        ]
      ),
      (.pods, pod("client", "10.244.1.2")), (.pods, pod("web", "10.244.1.3", hostPort: 8088)),
      (
        .services,
        [
          "metadata": ["name": "web", "namespace": "shop"],
          "spec": ["clusterIP": "10.96.0.7", "clusterIPs": ["10.96.0.7"], "ports": [["name": "http", "port": 80]]],
        ]
      ),
      (
        .endpointSlices,
        [
          "metadata": ["name": "web-1", "namespace": "shop", "labels": ["kubernetes.io/service-name": "web"]],
          "addressType": "IPv4", "ports": [["name": "http", "port": 8080]],
          "endpoints": [
            [
              "addresses": ["10.244.1.3"], "nodeName": "node-1", "conditions": ["ready": .bool(isReady)],
              "targetRef": ["kind": "Pod", "name": "web", "namespace": "shop"],
            ]
          ],
        ]
      ),
    ]
    feed.apply(objects.compactMap { ClusterEvent(kind: $0.0, object: $0.1, isRemoved: false) })
    feed.apply(policies.compactMap { ClusterEvent(kind: .networkPolicies, object: $0, isRemoved: false) })
    var configuration = NameConfiguration()
    configuration.serverAddresses = [dns]
    var names = NameIndex(configuration)
    var change = ClusterChange()
    change.services = Set(feed.snapshot.services.keys)
    change.namespaces = ["shop"]
    names.apply(change, of: feed.snapshot)
    return DepartureNode(
      nodeName: "node-1", snapshot: feed.snapshot, names: names,
      serviceBlocks: [try #require(CIDR("10.96.0.0/16"))], carriesSCTP: false)
  }

  private static func pod(_ name: String, _ address: String, hostPort: Int64? = nil) -> JSON {
    var port: JSON = ["containerPort": 8080]
    if let hostPort { port["hostPort"] = .int(hostPort) }
    return [
      "metadata": [
        "name": .string(name), "namespace": "shop", "uid": .string(name), "labels": ["app": .string(name)],
      ],
      "spec": ["nodeName": "node-1", "containers": [["name": "c", "ports": [port]]]],
      "status": ["phase": "Running", "podIPs": [["ip": .string(address)]]],
    ]
  }

  private static func departure(
    _ target: String, at node: DepartureNode, _ transport: TransportProtocol = .tcp
  ) throws -> Departure {
    try Departure(
      from: ExplainSource("pod/client", namespace: "shop"), to: ExplainTarget(target, namespace: "shop"), transport,
      at: node)
  }

  @Test(arguments: ["svc/web:80", "svc/web:http", "web:80", "web.shop:http", "10.96.0.7:80"])
  func everyWayToAServiceLeadsToItsEndpoint(_ target: String) throws {
    let found = try Self.departure(target, at: Self.node())
    #expect(found.ways.map(\.destination) == [SocketEndpoint(IPAddress(v4: 10, 244, 1, 3), 8080)])
    #expect(found.ways.first?.pod == ObjectName(namespace: "shop", name: "web"))
    #expect(found.address == SocketEndpoint(IPAddress(v4: 10, 96, 0, 7), 80))
    #expect(found.steps.allSatisfy { $0.outcome == .passes })
    #expect(found.steps.contains { $0.object == "Service shop/web" })
  }

  @Test func theSuffixThatMatchedIsNamed() throws {
    let name = try #require(Self.departure("web:80", at: Self.node()).steps.first)
    #expect(name.kind == .name && name.text.contains("search suffix shop.svc.cluster.local"))
  }

  @Test func endpointsThatTakeNothingSayWhy() throws {
    let found = try Self.departure("svc/web:80", at: Self.node(isReady: false))
    let step = try #require(found.steps.last)
    #expect(step.kind == .endpoints && step.outcome == .blocks && step.text.contains("web is not ready"))
    #expect(found.ways.isEmpty)
  }

  @Test func theMissingAllowanceIsSpelledOut() throws {
    let policy: JSON = [
      "metadata": ["name": "out", "namespace": "shop"],
      "spec": ["podSelector": ["matchLabels": ["app": "client"]], "policyTypes": ["Egress"]],
    ]
    let found = try Self.departure("svc/web:80", at: Self.node(policy))
    let step = try #require(found.ways.first?.steps.first)
    #expect(step.kind == .egress && step.outcome == .blocks)
    #expect(step.object == "NetworkPolicy shop/out" && step.field == "spec.egress")
    #expect(step.text.contains("podSelector: {matchLabels: {app: web}}} at port 8080/TCP"))
  }

  @Test func theRuleThatAllowsIsNamed() throws {
    let policy: JSON = [
      "metadata": ["name": "out", "namespace": "shop"],
      "spec": [
        "podSelector": [:], "policyTypes": ["Egress"],
        "egress": [["ports": [["port": 1]]], ["to": [["podSelector": ["matchLabels": ["app": "web"]]]]]],
      ],
    ]
    let step = try #require(Self.departure("svc/web:80", at: Self.node(policy)).ways.first?.steps.first)
    #expect(step.outcome == .passes && step.field == "spec.egress[1]")
  }

  @Test func queriesForNamesEndAtTheNodeItself() throws {
    let found = try Self.departure("10.96.0.10:53", at: Self.node(), .udp)
    #expect(found.ways.first?.node == "node-1" && found.ways.first?.pod == nil)
  }

  @Test func whoMayNotAskForNamesReachesNobodyByName() throws {
    let policy: JSON = [
      "metadata": ["name": "out", "namespace": "shop"],
      "spec": [
        "podSelector": [:], "policyTypes": ["Egress"],
        "egress": [["to": [["podSelector": ["matchLabels": ["app": "web"]]]]]],
      ],
    ]
    let byName = try Self.departure("web:80", at: Self.node(policy))
    #expect(byName.ways.isEmpty)
    #expect(byName.steps.last?.outcome == .blocks && byName.steps.last?.object == "NetworkPolicy shop/out")
    #expect(try Self.departure("svc/web:80", at: Self.node(policy)).ways.first?.steps.first?.outcome == .passes)
  }

  @Test func theSendersOwnResolverDecides() throws {
    func departure(_ target: String, servers: [String], suffixes: [String], dots: Int) throws -> Departure {
      try Departure(
        from: ExplainSource("pod/client", namespace: "shop"), to: ExplainTarget(target, namespace: "shop"), .tcp,
        at: Self.node(), search: NameSearch(servers: servers, suffixes: suffixes, dots: dots))
    }
    let found = try departure("web:80", servers: ["10.96.0.10"], suffixes: ["shop.svc.cluster.local"], dots: 5)
    #expect(found.ways.count == 1 && found.steps.first?.text.contains("shop.svc.cluster.local") == true)
    // Nothing is put behind it: the cluster does not know it, and others may.
    #expect(try departure("web:80", servers: ["10.96.0.10"], suffixes: [], dots: 1).ways.isEmpty)
    let other = try departure("web:80", servers: ["192.0.2.53"], suffixes: ["shop.svc.cluster.local"], dots: 5)
    #expect(other.ways.isEmpty && other.steps.last?.outcome == .unknown)
    #expect(other.steps.last?.text == "the sender asks 192.0.2.53 for names, not the cluster's DNS")
    let search = NameSearch(servers: [], suffixes: ["a", "b"], dots: 2)
    #expect(search.candidates("x") == ["x.a", "x.b", "x"])
    #expect(search.candidates("x.y.z") == ["x.y.z", "x.y.z.a", "x.y.z.b"])
    #expect(search.candidates("x.") == ["x."])
  }

  @Test func aHostPortLeadsToItsPod() throws {
    let found = try Self.departure("172.30.0.11:8088", at: Self.node())
    #expect(found.ways.map(\.destination) == [SocketEndpoint(IPAddress(v4: 10, 244, 1, 3), 8080)])
    #expect(found.ways.first?.pod == ObjectName(namespace: "shop", name: "web"))
    #expect(found.steps.last?.object == "Pod shop/web")
    #expect(found.address == SocketEndpoint(IPAddress(v4: 172, 30, 0, 11), 8088))
    // Another protocol or number is the node's own.
    #expect(try Self.departure("172.30.0.11:8088", at: Self.node(), .udp).ways.first?.pod == nil)
    #expect(try Self.departure("172.30.0.11:8089", at: Self.node()).ways.first?.pod == nil)
  }

  @Test func policiesThatAreTriedOutStopNobodyAndAreNamed() throws {
    func policy(_ audit: String) -> JSON {
      [
        "metadata": ["name": "out", "namespace": "shop", "annotations": ["switchboard.dev/audit": .string(audit)]],
        "spec": ["podSelector": [:], "policyTypes": ["Egress"]],
      ]
    }
    let tried = try #require(Self.departure("svc/web:80", at: Self.node(policy("true"))).ways.first?.steps.first)
    #expect(tried.outcome == .passes && tried.text.hasSuffix("tried out only, shop/out would deny it"))
    let enforced = try #require(Self.departure("svc/web:80", at: Self.node(policy("false"))).ways.first?.steps.first)
    #expect(enforced.outcome == .blocks)
  }

  @Test func whatIsNotThereIsSaid() throws {
    let node = try Self.node()
    for target in ["svc/nobody:80", "svc/web:81", "pod/nobody:80", "pod/web:http"] {
      #expect(throws: ExplainError.self, "\(target)") { try Self.departure(target, at: node) }
    }
    #expect(try Self.departure("10.96.9.9:80", at: node).steps.last?.outcome == .blocks)
    #expect(try Self.departure("nobody.shop.svc.cluster.local:80", at: node).steps.last?.outcome == .blocks)
  }
}
