import ClusterModel
import NetworkTypes
import SwitchboardTesting

/// Who sends.
enum Place: Hashable, Sendable, CaseIterable {
  case pod
  case node
  case outside
}

/// What is to become of it.
enum Fate: Hashable, Sendable {
  /// Each of the endpoints answers now and then, and sees this client address.
  case answered(by: Set<SocketEndpoint>, seenAs: IPAddress)
  case refused
  case dropped
}

/// A cluster and what becomes of traffic in it.
struct TrafficCase: Sendable, CustomStringConvertible {
  struct Question: Sendable {
    let place: Place
    let target: SocketEndpoint
    let fate: Fate

    init(_ place: Place, _ address: IPAddress, port: UInt16 = 80, _ fate: Fate) {
      self.place = place
      target = SocketEndpoint(address, port)
      self.fate = fate
    }
  }

  let description: String
  let addresses: LabAddresses
  let events: [ClusterEvent]
  let questions: [Question]
}

extension TrafficCase {
  /// Every case, in both families.
  static let all: [TrafficCase] = IPAddress.Family.allCases.flatMap { family in
    let lab = LabAddresses.of(family)
    return policies(lab) + outsideAddresses(lab) + hints(lab) + ranges(lab) + hostPorts(lab)
  }

  private static func local(_ endpoint: inout EndpointSliceModel.Endpoint, _ lab: LabAddresses) {
    endpoint.nodeName = endpoint.address == lab.pod ? "node-1" : "node-2"
  }

  private static func policies(_ lab: LabAddresses) -> [TrafficCase] {
    let near = lab.localEndpoint
    let far = lab.endpoints[0]
    let address = lab.service(20)
    func of(_ name: String, _ endpoints: [SocketEndpoint], _ questions: [Question]) -> TrafficCase {
      TrafficCase(
        description: "internal traffic stays local: \(name), \(lab.family)", addresses: lab,
        events: [
          service("web", address) { $0.internalTrafficIsLocal = true }, slice("web", endpoints) { local(&$0, lab) },
        ], questions: questions)
    }
    return [
      of(
        "one is here", [near, far],
        [
          .init(.node, address, .answered(by: [near], seenAs: lab.node)),
          .init(.pod, address, .answered(by: [near], seenAs: lab.node)),
        ]),
      of("all are elsewhere", [far], [.init(.node, address, .dropped), .init(.pod, address, .dropped)]),
      of("there is none", [], [.init(.node, address, .refused), .init(.pod, address, .refused)]),
    ]
  }

  /// Node ports, external IPs and load balancers.
  private static func outsideAddresses(_ lab: LabAddresses) -> [TrafficCase] {
    let near = lab.localEndpoint
    let far = lab.endpoints[0]
    let outside = [lab.external(1), lab.external(2)]
    func of(_ name: String, isLocal: Bool, _ endpoints: [SocketEndpoint], _ fates: [Place: Fate]) -> TrafficCase {
      let events = [
        service("web", lab.service(20), ports: bothProtocols(nodePort: 30080)) {
          $0.kind = .loadBalancer
          $0.externalIPs = [outside[0]]
          $0.loadBalancerIPs = [outside[1]]
          $0.externalTrafficIsLocal = isLocal
        },
        slice("web", endpoints) { local(&$0, lab) },
      ]
      let questions = fates.flatMap { place, fate in
        [.init(place, lab.node, port: 30080, fate)] + outside.map { Question(place, $0, fate) }
      }
      return TrafficCase(
        description: "external traffic \(isLocal ? "stays local" : "goes anywhere"): \(name), \(lab.family)",
        addresses: lab, events: events,
        questions: questions + [
          // The cluster's own address is another matter.
          .init(
            .node, lab.service(20),
            endpoints.isEmpty ? .refused : .answered(by: Set(endpoints), seenAs: lab.node))
        ])
    }
    func answered(_ endpoints: SocketEndpoint..., seenAs address: IPAddress) -> Fate {
      .answered(by: Set(endpoints), seenAs: address)
    }
    let refused: [Place: Fate] = [.pod: .refused, .node: .refused, .outside: .refused]
    return [
      of(
        "to one elsewhere", isLocal: false, [far],
        [
          .outside: answered(far, seenAs: lab.node), .pod: answered(far, seenAs: lab.node),
          .node: answered(far, seenAs: lab.node),
        ]),
      of(
        "to one here", isLocal: false, [near],
        [.outside: answered(near, seenAs: lab.node), .node: answered(near, seenAs: lab.node)]),
      of("to none", isLocal: false, [], refused),
      of(
        "one is here", isLocal: true, [near, far],
        [.outside: answered(near, seenAs: lab.outside), .node: answered(near, far, seenAs: lab.node)]),
      of(
        "all are elsewhere", isLocal: true, [far],
        [
          .outside: .dropped, .pod: answered(far, seenAs: lab.pod), .node: answered(far, seenAs: lab.node),
        ]),
      of("there is none", isLocal: true, [], refused),
    ]
  }

  private static func hints(_ lab: LabAddresses) -> [TrafficCase] {
    let endpoints = Array(lab.endpoints.prefix(3))
    func of(
      _ name: String, _ chosen: [Int], _ edit: @escaping (Int, inout EndpointSliceModel.Endpoint) -> Void
    ) -> TrafficCase {
      TrafficCase(
        description: "hints: \(name), \(lab.family)", addresses: lab,
        events: [
          service("web", lab.service(20)),
          slice("web", endpoints) { endpoint in
            edit(endpoints.firstIndex { $0.address == endpoint.address }!, &endpoint)
          },
        ],
        questions: [
          .init(.pod, lab.service(20), .answered(by: Set(chosen.map { endpoints[$0] }), seenAs: lab.pod))
        ])
    }
    return [
      of("of the zone", [0, 1]) { $1.zoneHints = [$0 < 2 ? "here" : "there"] },
      of("of the node before the zone", [2]) {
        $1.zoneHints = ["here"]
        $1.nodeHints = [$0 == 2 ? "node-1" : "node-2"]
      },
      of("one endpoint has none", [0, 1, 2]) { if $0 > 0 { $1.zoneHints = ["here"] } },
      of("none is for this zone", [0, 1, 2]) { $1.zoneHints = ["there"] },
    ]
  }

  private static func ranges(_ lab: LabAddresses) -> [TrafficCase] {
    let far = lab.endpoints[0]
    let vip = lab.external(2)
    let length = lab.family.bits
    func of(_ name: String, _ ranges: [CIDR], _ questions: [Question]) -> TrafficCase {
      TrafficCase(
        description: "source ranges: \(name), \(lab.family)", addresses: lab,
        events: [
          service("web", lab.service(20), ports: bothProtocols(nodePort: 30080)) {
            $0.kind = .loadBalancer
            $0.loadBalancerIPs = [vip]
            $0.loadBalancerSourceRanges = ranges
          },
          slice("web", [far]),
        ], questions: questions)
    }
    let answered = Fate.answered(by: [far], seenAs: lab.node)
    let outside = CIDR(lab.outside, prefixLength: length - 8)!
    return [
      of(
        "the client is within", [outside, CIDR(host: lab.outside)],
        [.init(.outside, vip, answered), .init(.pod, vip, .dropped), .init(.node, vip, .dropped)]),
      of(
        "the client is not", [lab.podBlock, CIDR(host: lab.node)],
        [
          .init(.outside, vip, .dropped), .init(.pod, vip, answered), .init(.node, vip, answered),
          // Node ports and the cluster's own address are open to all.
          .init(.outside, lab.node, port: 30080, answered), .init(.outside, lab.service(20), answered),
        ]),
    ]
  }

  private static func hostPorts(_ lab: LabAddresses) -> [TrafficCase] {
    var pod = PodModel(name: name("web"))
    pod.nodeName = "node-1"
    pod.addresses = [lab.pod]
    pod.hostPorts = [.init(.tcp, 8000, to: 8080), .init(.udp, 8000, to: 8080)]
    let near = lab.localEndpoint
    let loopback: [Question] =
      lab.family == .v4
      ? [.init(.node, IPAddress("127.0.0.1")!, port: 8000, .answered(by: [near], seenAs: lab.node))] : []
    return [
      TrafficCase(
        description: "host ports: \(lab.family)", addresses: lab, events: [.pod(pod)],
        questions: [
          .init(.outside, lab.node, port: 8000, .answered(by: [near], seenAs: lab.outside)),
          .init(.pod, lab.node, port: 8000, .answered(by: [near], seenAs: lab.node)),
          .init(.node, lab.node, port: 8000, .answered(by: [near], seenAs: lab.node)),
        ] + loopback)
    ]
  }
}
