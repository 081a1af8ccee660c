import ClusterModel
import Conntrack
import HashTreeCollections
import JSONTree
import KubernetesAPI
import NetworkTypes
import PacketLog
import PolicyPlan
import Testing

@testable import FlowLog

@Suite struct FlowNamesTests {
  private typealias Scene = FlowScene

  private static func names(_ feed: ClusterFeed) async throws -> (FlowNames, ClusterSubscription) {
    var names = FlowNames(nodeName: "node-1", nameServerAddresses: [Scene.dns])
    let subscription = feed.subscribe()
    names.apply(try #require(await subscription.next()))
    return (names, subscription)
  }

  private static func entry(
    from source: SocketEndpoint = SocketEndpoint(Scene.client, 40_000), to target: SocketEndpoint = Scene.service,
    answeredBy endpoint: SocketEndpoint = SocketEndpoint(Scene.web, 8080), towards: SocketEndpoint? = nil
  ) -> ConntrackEntry {
    ConntrackEntry(
      ConntrackFlow(.tcp, from: source, to: target, answerSource: endpoint, answerDestination: towards ?? source), id: 1
    )
  }

  @Test func aServiceCallHasItsNamesAndBothVerdicts() async throws {
    let allow = Scene.policy(
      "web",
      [
        "podSelector": ["matchLabels": ["app": "web"]],
        "ingress": [["from": [["podSelector": ["matchLabels": ["app": "client"]]]]]],
      ])
    let (names, _) = try await Self.names(Scene.feed(allow))
    let record = names.record(Self.entry(), seenAt: 5_000_000_000, since: 5_000_000_000)
    #expect(record.source.pod?.name == "client" && record.target.pod?.name == "web")
    #expect(record.service == FlowService(ObjectName(namespace: "shop", name: "web"), port: 80))
    #expect(record.requested == Scene.service && record.since == Timestamp(seconds: 5))
    #expect(record.egress?.text == "no policy isolates shop/client for egress")
    #expect(record.ingress?.object == "NetworkPolicy shop/web" && record.ingress?.field == "spec.ingress[0]")
  }

  @Test func theOtherNodesVerdictIsItsOwn() async throws {
    let (names, _) = try await Self.names(Scene.feed())
    let record = names.record(Self.entry(answeredBy: SocketEndpoint(Scene.remote, 8080)), seenAt: 1, since: nil)
    #expect(record.target.node == "node-2" && record.ingress == nil && record.egress != nil)
    #expect(record.otherNode == "node-2" && record.since == nil)
  }

  @Test func aNodePortIsTheServicesToo() async throws {
    let (names, _) = try await Self.names(Scene.feed())
    let outside = SocketEndpoint(IPAddress(v4: 192, 0, 2, 7), 5000)
    let record = names.record(
      Self.entry(from: outside, to: SocketEndpoint(Scene.node, 30_080), towards: SocketEndpoint(Scene.node, 61_000)),
      seenAt: 1, since: nil)
    #expect(record.service?.name.name == "web" && record.service?.port == 80)
    #expect(record.source.pod == nil && record.source.node == nil)
    #expect(record.maskedSource == SocketEndpoint(Scene.node, 61_000))
    // The same number at an address that is no node's is nobody's port.
    #expect(names.service(at: SocketEndpoint(IPAddress(v4: 192, 0, 2, 8), 30_080), .tcp) == nil)
  }

  @Test func namesAreThoseOfTheMoment() async throws {
    let feed = Scene.feed()
    var (names, subscription) = try await Self.names(feed)
    let before = names
    feed.apply([try #require(ClusterEvent(kind: .pods, object: Scene.pod("client", "", "node-1"), isRemoved: true))])
    feed.apply([
      try #require(ClusterEvent(kind: .pods, object: Scene.pod("next", "10.244.1.2", "node-1"), isRemoved: false))
    ])
    names.apply(try #require(await subscription.next()))
    #expect(names.end(Scene.client, 1).pod?.name == "next")
    #expect(before.end(Scene.client, 1).pod?.name == "client")
    feed.apply([
      try #require(
        ClusterEvent(
          kind: .services, object: ["metadata": ["name": "web", "namespace": "shop"], "spec": [:]], isRemoved: true))
    ])
    names.apply(try #require(await subscription.next()))
    #expect(names.service(at: Scene.service, .tcp) == nil && before.service(at: Scene.service, .tcp) != nil)
  }

  private static func removal(_ kind: ResourceKind, _ object: JSON) throws -> ClusterEvent {
    try #require(ClusterEvent(kind: kind, object: object, isRemoved: true))
  }

  private static func put(_ kind: ResourceKind, _ object: JSON) throws -> ClusterEvent {
    try #require(ClusterEvent(kind: kind, object: object, isRemoved: false))
  }

  /// A pod that goes may still have its address when the next one has it already, and then be the one that stays.
  @Test func anAddressGoesBackToThePodThatStillClaimsIt() async throws {
    let feed = Scene.feed()
    var (names, subscription) = try await Self.names(feed)
    feed.apply([try Self.put(.pods, Scene.pod("next", "10.244.1.2", "node-1"))])
    names.apply(try #require(await subscription.next()))
    #expect(names.end(Scene.client, 1).pod?.name == "next")
    feed.apply([try Self.removal(.pods, Scene.pod("next", "", "node-1"))])
    names.apply(try #require(await subscription.next()))
    #expect(names.end(Scene.client, 1).pod?.name == "client")
    feed.apply([try Self.removal(.pods, Scene.pod("client", "", "node-1"))])
    names.apply(try #require(await subscription.next()))
    #expect(names.end(Scene.client, 1).pod == nil)
  }

  @Test func whatChangesOfAnEarlierPodIsNoNewClaim() async throws {
    let feed = Scene.feed()
    var (names, subscription) = try await Self.names(feed)
    feed.apply([try Self.put(.pods, Scene.pod("next", "10.244.1.2", "node-1"))])
    names.apply(try #require(await subscription.next()))
    var pod = Scene.pod("client", "10.244.1.2", "node-1")
    pod["metadata"]?["labels"] = ["app": "other"]
    feed.apply([try Self.put(.pods, pod)])
    names.apply(try #require(await subscription.next()))
    #expect(names.end(Scene.client, 1).pod?.name == "next")
  }

  private static func external(_ name: String) -> JSON {
    [
      "metadata": ["name": .string(name), "namespace": "shop"],
      "spec": ["externalIPs": ["192.0.2.80"], "ports": [["name": "http", "port": 80]]],
    ]
  }

  @Test func anExternalAddressGoesBackToTheServiceThatStillClaimsIt() async throws {
    let (feed, endpoint) = (Scene.feed(), SocketEndpoint(IPAddress(v4: 192, 0, 2, 80), 80))
    var (names, subscription) = try await Self.names(feed)
    for name in ["first", "second"] {
      feed.apply([try Self.put(.services, Self.external(name))])
      names.apply(try #require(await subscription.next()))
      #expect(names.service(at: endpoint, .tcp)?.name.name == name)
    }
    feed.apply([try Self.removal(.services, Self.external("second"))])
    names.apply(try #require(await subscription.next()))
    #expect(names.service(at: endpoint, .tcp)?.name.name == "first")
  }

  /// Members of all collections that a value has, at any depth.
  private static func size(of value: Any) -> Int {
    let mirror = Mirror(reflecting: value)
    // Words that verdicts share are bounded by themselves.
    if mirror.displayStyle == .class { return 0 }
    let own = [.collection, .dictionary, .set].contains(mirror.displayStyle) ? mirror.children.count : 0
    return mirror.children.reduce(own) { $0 + size(of: $1.value) }
  }

  @Test func nothingStaysOfPodsThatWent() async throws {
    let feed = Scene.feed()
    var (names, subscription) = try await Self.names(feed)
    let (before, address) = (Self.size(of: names), IPAddress(v4: 10, 244, 1, 9))
    for number in 0..<50 {
      feed.apply([try Self.put(.pods, Scene.pod("p\(number)", "10.244.1.9", "node-1"))])
      feed.apply([.attached(address, podUID: "uid-p\(number)")])
      names.apply(try #require(await subscription.next()))
      #expect(names.end(address, nil).pod?.name == "p\(number)")
      #expect(Self.size(of: names) > before)
      feed.apply([.detached(address, podUID: "uid-p\(number)")])
      feed.apply([try Self.removal(.pods, Scene.pod("p\(number)", "", "node-1"))])
      names.apply(try #require(await subscription.next()))
    }
    #expect(Self.size(of: names) == before)
  }

  /// The node knows its pods' addresses before the API does.
  @Test func anAttachedAddressHasItsPodsName() async throws {
    let feed = Scene.feed()
    feed.apply([try #require(ClusterEvent(kind: .pods, object: Scene.pod("new", "", "node-1"), isRemoved: false))])
    feed.apply([.attached(IPAddress(v4: 10, 244, 1, 9), podUID: "uid-new")])
    let (names, _) = try await Self.names(feed)
    #expect(names.end(IPAddress(v4: 10, 244, 1, 9), 1).pod?.name == "new")
  }

  private static func packet(_ content: PacketHeaders.Content, to target: IPAddress = Scene.web) -> LoggedPacket {
    LoggedPacket(
      prefix: "", headers: PacketHeaders(source: Scene.client, destination: target, content: content),
      seenAt: 7_000_000_000)
  }

  @Test func aDropNamesThePoliciesAndWhatIsMissing() async throws {
    let (names, _) = try await Self.names(
      Scene.feed(Scene.policy("deny", ["podSelector": ["matchLabels": ["app": "web"]], "policyTypes": ["Ingress"]])))
    let record = names.record(Self.packet(.ports(.tcp, source: 40_000, destination: 8080)), .ingress)
    #expect(record.status == .dropped && record.droppedPackets == 1 && record.until == Timestamp(seconds: 7))
    #expect(record.source.pod?.name == "client" && record.target.pod?.name == "web")
    #expect(record.egress?.isAllowed == true && record.ingress?.isAllowed == false)
    #expect(record.ingress?.object == "NetworkPolicy shop/deny")
    #expect(record.ingress?.text.contains("shop/deny isolates shop/web and no rule allows from:") == true)
    let control = names.record(Self.packet(.control(type: 8, code: 0)), .ingress)
    #expect(control.ingress?.object == "NetworkPolicy shop/deny")
    // The kernel does not say what was translated.
    #expect(record.service == nil && record.requested == nil)
    #expect(record.possibleServices == [FlowService(ObjectName(namespace: "shop", name: "web"), port: 80)])
    #expect(try FlowFilter(query: ["to": "svc/web.shop:80"]).takes(record))
    #expect(try !FlowFilter(query: ["to": "svc/other.shop"]).takes(record))
    #expect(control.transport == "ICMP" && control.ingress?.isAllowed == false && control.source.port == nil)
  }

  @Test func aDropAtTheSenderNamesItsPolicies() async throws {
    let (names, _) = try await Self.names(
      Scene.feed(Scene.policy("out", ["podSelector": ["matchLabels": ["app": "client"]], "policyTypes": ["Egress"]])))
    let (from, to) = (SocketEndpoint(Scene.client, 40_000), SocketEndpoint(Scene.remote, 8080))
    let content = PacketHeaders.Content.ports(.tcp, source: 40_000, destination: 8080)
    let packet = LoggedPacket(
      prefix: "", headers: PacketHeaders(source: Scene.client, destination: Scene.remote, content: content),
      flow: ConntrackFlow(.tcp, from: from, to: Scene.service, answerSource: to, answerDestination: from),
      seenAt: 7_000_000_000)
    let record = names.record(packet, .egress)
    #expect(record.egress?.object == "NetworkPolicy shop/out" && record.ingress == nil)
    // This kernel says it.
    #expect(record.service?.name.name == "web" && record.requested == Scene.service && record.possibleServices.isEmpty)
    #expect(record.target.pod?.name == "remote" && record.target.port == 8080)
  }

  /// The kernel's word counts, whatever the objects say by now.
  @Test func aDropIsOneWhateverPoliciesSayByNow() async throws {
    let (names, _) = try await Self.names(Scene.feed())
    let record = names.record(Self.packet(.ports(.tcp, source: 1, destination: 2)), .ingress)
    #expect(record.ingress?.isAllowed == false && record.ingress?.object == nil)
    let unknown = names.record(
      Self.packet(.ports(.tcp, source: 1, destination: 2), to: IPAddress(v4: 10, 244, 1, 77)), .ingress)
    #expect(unknown.ingress?.text.contains("not told of yet") == true)
  }

  /// What another node may have the other half of is let through.
  @Test func aNodesFilterIsWiderThanTheQuestion() async throws {
    let (names, _) = try await Self.names(Scene.feed())
    func takes(_ record: FlowRecord, _ query: [String: String]) throws -> Bool {
      NodeFilter(try FlowFilter(query: query)).takes(record, names.snapshot)
    }
    // An endpoint's node does not see the Service.
    let arrival = names.record(
      Self.entry(to: SocketEndpoint(Scene.web, 8080), answeredBy: SocketEndpoint(Scene.web, 8080)), seenAt: 1,
      since: nil)
    #expect(arrival.service == nil)
    #expect(try takes(arrival, ["to": "svc/web.shop"]))
    #expect(try takes(arrival, ["to": "10.96.0.7:80"]))
    #expect(try !takes(arrival, ["to": "svc/other.shop"]))
    // The sender's node does not see the drop.
    #expect(try takes(arrival, ["dropped": "true"]))
    var answered = arrival
    answered.isAnswered = true
    #expect(try !takes(answered, ["dropped": "true"]))
    // A masked sender has its node's address.
    let masked = names.record(
      Self.entry(from: SocketEndpoint(Scene.node, 61_000)), seenAt: 1, since: nil)
    #expect(try takes(masked, ["from": "192.0.2.7"]))
    #expect(try !takes(arrival, ["from": "192.0.2.7"]))
  }
}
