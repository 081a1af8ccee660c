import HashTreeCollections
import KubernetesAPI
import NetworkTypes
import SwitchboardTesting
import Testing

@testable import ClusterModel

@Suite struct AddressIndexTests {
  private static func name(_ text: String) -> ObjectName { ObjectName(namespace: "shop", name: text) }
  private static func address(_ last: Int) -> IPAddress { IPAddress(v4: 10, 244, 1, UInt8(last)) }

  private static func pod(
    _ text: String, _ addresses: [Int], uid: String? = nil, _ change: (inout PodModel) -> Void = { _ in }
  ) -> PodModel {
    var pod = PodModel(name: name(text))
    pod.uid = uid ?? "uid-\(text)"
    pod.addresses = addresses.map(address)
    change(&pod)
    return pod
  }

  private static func service(_ text: String, external: [Int] = [], nodePort: UInt16? = nil) -> ServiceModel {
    var service = ServiceModel(name: name(text))
    service.externalIPs = external.map(address)
    service.ports = [ServiceModel.Port(port: 80, nodePort: nodePort)]
    return service
  }

  private static func slice(_ text: String, of service: String?, _ endpoints: [Int]) -> EndpointSliceModel {
    var slice = EndpointSliceModel(name: name(text))
    slice.service = service.map(name)
    slice.endpoints = endpoints.map { EndpointSliceModel.Endpoint(address: address($0)) }
    return slice
  }

  private static func snapshot(_ events: [ClusterEvent]) -> ClusterSnapshot {
    var snapshot = ClusterSnapshot()
    for event in events { _ = snapshot.apply(event) }
    return snapshot
  }

  @Test func whatIsContestedGoesBackToWhoClaimedItBefore() {
    var claims = Claims<Int, String>()
    for name in ["a", "b", "c"] { claims.replace([], with: [1], by: name) }
    #expect(claims[1] == "c" && claims.all(1) == ["a", "b", "c"])
    // One in the middle goes, then the holder.
    claims.replace([1], with: [2], by: "b")
    #expect(claims[1] == "c" && claims[2] == "b")
    claims.replace([1], with: [], by: "c")
    #expect(claims[1] == "a" && claims.all(1) == ["a"])
    claims.replace([1], with: [], by: "a")
    #expect(claims[1] == nil && claims.all(1).isEmpty && claims.all(2) == ["b"])
  }

  @Test func theLatestPodHasAnAddressAndTheEarlierOneAfterIt() {
    var snapshot = Self.snapshot([.pod(Self.pod("old", [1])), .pod(Self.pod("new", [1]))])
    #expect(snapshot.pod(at: Self.address(1))?.name.name == "new")
    _ = snapshot.apply(.pod(Self.pod("old", [1]) { $0.isTerminating = true }))
    #expect(snapshot.pod(at: Self.address(1))?.name.name == "new")
    let before = snapshot
    _ = snapshot.apply(.podRemoved(Self.name("new")))
    #expect(snapshot.pod(at: Self.address(1))?.isTerminating == true)
    _ = snapshot.apply(.podRemoved(Self.name("old")))
    #expect(snapshot.pod(at: Self.address(1)) == nil)
    #expect(before.pod(at: Self.address(1))?.name.name == "new")
  }

  @Test func podsOfTheHostsNetworkAndFinishedOnesHaveNoAddress() {
    var snapshot = Self.snapshot([.pod(Self.pod("host", [1]) { $0.usesHostNetwork = true })])
    #expect(snapshot.pod(at: Self.address(1)) == nil)
    for event in [ClusterEvent.pod(Self.pod("job", [2])), .attached(Self.address(3), podUID: "uid-job")] {
      _ = snapshot.apply(event)
    }
    #expect(snapshot.pod(at: Self.address(2)) != nil && snapshot.pod(at: Self.address(3)) != nil)
    // Its sandbox may be there for a while.
    _ = snapshot.apply(.pod(Self.pod("job", [2]) { $0.hasFinished = true }))
    #expect(snapshot.pod(at: Self.address(2)) == nil && snapshot.pod(at: Self.address(3)) == nil)
    #expect(snapshot.attachedPod(at: Self.address(3)) == nil)
  }

  @Test func theNodesNetworkDecidesForItsOwnPods() {
    var snapshot = Self.snapshot([.pod(Self.pod("old", [1])), .attached(Self.address(1), podUID: "uid-new")])
    // Whoever it is, it is not the one of whom the API still says so.
    #expect(snapshot.pod(at: Self.address(1)) == nil)
    _ = snapshot.apply(.pod(Self.pod("new", [])))
    #expect(snapshot.pod(at: Self.address(1))?.name.name == "new")
    #expect(snapshot.attachedPod(at: Self.address(1))?.name.name == "new")
    _ = snapshot.apply(.detached(Self.address(1), podUID: "uid-new"))
    #expect(snapshot.pod(at: Self.address(1))?.name.name == "old")
    #expect(snapshot.attachedPod(at: Self.address(1)) == nil)
  }

  @Test func anotherPodOfTheSameNameHasNothingOfTheOneBefore() {
    var snapshot = Self.snapshot([
      .pod(Self.pod("web-0", [1], uid: "a")), .pod(Self.pod("other", [1])), .attached(Self.address(2), podUID: "a"),
      .pod(Self.pod("web-0", [1], uid: "b")),
    ])
    #expect(snapshot.pod(at: Self.address(1))?.uid == "b")
    #expect(snapshot.pod(at: Self.address(2)) == nil)
    _ = snapshot.apply(.podRemoved(Self.name("web-0")))
    #expect(snapshot.pod(at: Self.address(1))?.name.name == "other")
    #expect(snapshot.addresses.podOfUID.keys.sorted() == ["uid-other"])
  }

  @Test func twoServicesMayClaimOneAddressOrNodePort() {
    var node = NodeModel(name: "node-1")
    node.addresses = [Self.address(9)]
    var snapshot = Self.snapshot([
      .service(Self.service("a", external: [1], nodePort: 30_080)),
      .service(Self.service("b", external: [1], nodePort: 30_080)), .node(node),
    ])
    func claimed(_ last: Int, _ port: UInt16) -> String? {
      snapshot.service(at: SocketEndpoint(Self.address(last), port), .tcp)?.service.name.name
    }
    #expect(claimed(1, 80) == "b" && claimed(9, 30_080) == "b" && claimed(1, 81) == nil && claimed(2, 30_080) == nil)
    #expect(snapshot.service(at: SocketEndpoint(Self.address(9), 30_080), .tcp)?.port == 80)
    #expect(snapshot.service(at: SocketEndpoint(Self.address(1), 80), .udp) == nil)
    _ = snapshot.apply(.service(Self.service("b", external: [2])))
    #expect(claimed(1, 80) == "a" && claimed(2, 80) == "b" && claimed(9, 30_080) == "a")
    _ = snapshot.apply(.serviceRemoved(Self.name("a")))
    #expect(claimed(1, 80) == nil && claimed(9, 30_080) == nil)
    _ = snapshot.apply(.nodeRemoved("node-1"))
    #expect(snapshot.node(at: Self.address(9)) == nil)
  }

  @Test func anEndpointIsFoundInAllSlicesThatHaveIt() {
    var snapshot = Self.snapshot([
      .endpointSlice(Self.slice("a-1", of: "a", [1, 2])), .endpointSlice(Self.slice("b-1", of: "b", [1])),
    ])
    func names(_ last: Int) -> [String] { snapshot.endpointSlices(at: Self.address(last)).map(\.name.name) }
    #expect(names(1) == ["a-1", "b-1"] && names(2) == ["a-1"])
    // Under another Service by now.
    _ = snapshot.apply(.endpointSlice(Self.slice("a-1", of: "c", [2, 3])))
    #expect(names(1) == ["b-1"] && names(2) == ["a-1"] && names(3) == ["a-1"])
    #expect(snapshot.endpointSlices(at: Self.address(3)).first?.service == Self.name("c"))
    _ = snapshot.apply(.endpointSlice(Self.slice("a-1", of: nil, [2])))
    _ = snapshot.apply(.endpointSliceRemoved(Self.name("b-1")))
    #expect(names(1).isEmpty && names(2).isEmpty)
  }

  /// What the index says is what one would find by looking through the cluster.
  @Test(arguments: 1...8) func itAgreesWithTheWholeCluster(_ seed: UInt64) throws {
    var (random, snapshot) = (SeededRandom(seed: seed), ClusterSnapshot())
    func some(_ count: Int) -> [Int] { Array(Set(random.several(count...count) { $0.below(12) })) }
    for _ in 0..<200 {
      let number = random.below(8)
      let event: ClusterEvent
      switch random.below(9) {
      case 0: event = .podRemoved(Self.name("p\(number)"))
      case 1: event = .serviceRemoved(Self.name("s\(number)"))
      case 2: event = .endpointSliceRemoved(Self.name("e\(number)"))
      case 3: event = .service(Self.service("s\(number)", external: some(2), nodePort: 30_000 + UInt16(number / 2)))
      case 4: event = .endpointSlice(Self.slice("e\(number)", of: "s\(some(1)[0])", some(3)))
      case 5: event = .attached(Self.address(number), podUID: "uid-p\(some(1)[0])-0")
      case 6: event = .detached(Self.address(number), podUID: snapshot.attachments[Self.address(number)] ?? "")
      default:
        let kind = random.below(10)
        event = .pod(
          Self.pod("p\(number)", some(2), uid: "uid-p\(number)-\(kind / 8)") {
            $0.usesHostNetwork = kind == 0
            $0.hasFinished = kind == 1
          })
      }
      _ = snapshot.apply(event)
      let wrong = (0..<12).map(Self.address).filter { !Self.agrees(snapshot, $0) }
      try #require(wrong.isEmpty, "\(wrong) after \(event)")
    }
  }

  private static func agrees(_ snapshot: ClusterSnapshot, _ address: IPAddress) -> Bool {
    let pods = snapshot.pods.values.filter { !$0.usesHostNetwork && !$0.hasFinished }
    let pod = snapshot.pod(at: address)
    if let uid = snapshot.attachments[address] {
      guard pod?.name == pods.first(where: { $0.uid == uid })?.name else { return false }
    } else {
      let claimants = pods.filter { $0.addresses.contains(address) }
      guard pod.map(claimants.contains) ?? claimants.isEmpty else { return false }
    }
    let services = snapshot.services.values.filter { $0.externalIPs.contains(address) }
    let service = snapshot.service(at: SocketEndpoint(address, 80), .tcp)?.service
    guard service.map(services.contains) ?? services.isEmpty else { return false }
    let slices = snapshot.slices.values.flatMap(\.values).filter { $0.endpoints.contains { $0.address == address } }
    return snapshot.endpointSlices(at: address) == slices.sorted { $0.name < $1.name }
  }
}
