import ClusterModel
import KubernetesAPI
import NetworkTypes
import PodNetwork
import Testing

@Suite("Named addresses") struct NamedAddressesTests {
  private let own = CIDR("10.244.1.0/24")!
  private var snapshot = ClusterSnapshot()

  private func address(_ text: String) -> IPAddress { IPAddress(text)! }

  private func slice(_ addresses: [String]) -> ClusterEvent {
    var slice = EndpointSliceModel(name: ObjectName(namespace: "shop", name: "web-1"))
    slice.service = ObjectName(namespace: "shop", name: "web")
    slice.endpoints = addresses.map { EndpointSliceModel.Endpoint(address: IPAddress($0)!) }
    return .endpointSlice(slice)
  }

  private func pod(_ addresses: [String]) -> ClusterEvent {
    var pod = PodModel(name: ObjectName(namespace: "shop", name: "web-0"))
    pod.addresses = addresses.map { IPAddress($0)! }
    return .pod(pod)
  }

  @Test mutating func anAddressIsNamedUntilNobodyNamesIt() {
    var named = NamedAddresses()
    for event in [pod(["10.244.1.5"]), slice(["10.244.1.5", "10.244.1.6", "10.244.2.7"])] {
      let change = snapshot.apply(event)
      named.update(snapshot, change, in: [own])
    }
    #expect(named.contains(address("10.244.1.5")) && named.contains(address("10.244.1.6")))
    // No other node's address is ever handed out here.
    #expect(!named.contains(address("10.244.2.7")))
    var change = snapshot.apply(slice(["10.244.1.6"]))
    named.update(snapshot, change, in: [own])
    #expect(named.contains(address("10.244.1.5")))
    change = snapshot.apply(pod([]))
    named.update(snapshot, change, in: [own])
    #expect(!named.contains(address("10.244.1.5")) && named.contains(address("10.244.1.6")))
  }

  @Test mutating func blocksThatComeLaterFindWhatWasNamedBefore() {
    var named = NamedAddresses()
    for event in [pod(["10.244.1.5"]), slice(["10.244.1.6", "10.244.2.7"])] {
      let change = snapshot.apply(event)
      named.update(snapshot, change, in: [])
    }
    #expect(!named.contains(address("10.244.1.5")))
    named.update(snapshot, ClusterChange(), in: [own])
    #expect(named.contains(address("10.244.1.5")) && named.contains(address("10.244.1.6")))
    let change = snapshot.apply(slice([]))
    named.update(snapshot, change, in: [CIDR("10.244.2.0/24")!, own])
    #expect(!named.contains(address("10.244.1.6")) && named.contains(address("10.244.1.5")))
  }
}
