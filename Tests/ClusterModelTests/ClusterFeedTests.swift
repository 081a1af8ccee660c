import ClusterModel
import HashTreeCollections
import KubernetesAPI
import NetworkTypes
import Testing

@Suite struct ClusterFeedTests {
  private func slice(_ name: String, of service: String) -> EndpointSliceModel {
    var slice = EndpointSliceModel(name: ObjectName(namespace: "shop", name: name))
    slice.service = ObjectName(namespace: "shop", name: service)
    return slice
  }

  @Test func aReaderGetsNothingBeforeTheFeedIsSynced() async {
    let feed = ClusterFeed()
    let reader = feed.subscribe()
    feed.apply([.node(NodeModel(name: "node-1"))])
    async let first = reader.next()
    feed.markSynced()
    let update = await first
    #expect(update?.isFirst == true)
    #expect(update?.change.nodes == ["node-1"])
  }

  @Test func changesGatherWhileAReaderIsBusy() async {
    let feed = ClusterFeed()
    let reader = feed.subscribe()
    feed.markSynced()
    _ = await reader.next()
    feed.apply([.service(ServiceModel(name: ObjectName(namespace: "shop", name: "a")))])
    feed.apply([.service(ServiceModel(name: ObjectName(namespace: "shop", name: "b")))])
    feed.apply([.serviceRemoved(ObjectName(namespace: "shop", name: "a"))])
    let update = await reader.next()
    #expect(update?.isFirst == false)
    #expect(update?.change.services.map(\.name).sorted() == ["a", "b"])
    #expect(update?.snapshot.services[ObjectName(namespace: "shop", name: "a")] == nil)
  }

  @Test func anEqualObjectWakesNobody() async {
    let feed = ClusterFeed()
    let reader = feed.subscribe()
    feed.apply([.node(NodeModel(name: "node-1"))])
    feed.markSynced()
    _ = await reader.next()
    feed.apply([.node(NodeModel(name: "node-1"))])
    feed.apply([.node(NodeModel(name: "node-2"))])
    #expect(await reader.next()?.change.nodes == ["node-2"])
  }

  @Test func cancellationEndsTheWait() async {
    let feed = ClusterFeed()
    let reader = feed.subscribe()
    let task = Task { await reader.next() }
    task.cancel()
    #expect(await task.value == nil)
  }

  @Test func finishingEndsTheWait() async {
    let feed = ClusterFeed()
    let reader = feed.subscribe()
    feed.finish()
    #expect(await reader.next() == nil)
  }

  @Test func aSliceThatChangesItsServiceTouchesBoth() {
    var snapshot = ClusterSnapshot()
    _ = snapshot.apply(.endpointSlice(slice("s1", of: "old")))
    let change = snapshot.apply(.endpointSlice(slice("s1", of: "new")))
    #expect(change.services.map(\.name).sorted() == ["new", "old"])
    #expect(snapshot.endpointSlices(of: ObjectName(namespace: "shop", name: "old")).isEmpty)
    #expect(snapshot.endpointSlices(of: ObjectName(namespace: "shop", name: "new")).count == 1)
  }

  @Test func removingASliceLeavesNothingBehind() {
    var snapshot = ClusterSnapshot()
    _ = snapshot.apply(.endpointSlice(slice("s1", of: "web")))
    let change = snapshot.apply(.endpointSliceRemoved(ObjectName(namespace: "shop", name: "s1")))
    #expect(change.services.map(\.name) == ["web"])
    #expect(snapshot.slices.isEmpty)
  }

  @Test func onlyWhatTakesAnEndpointOutOfUseIsAWithdrawal() {
    var snapshot = ClusterSnapshot()
    func put(_ ready: [UInt8], _ revision: UInt64) {
      var model = slice("s1", of: "web")
      model.endpoints = ready.map { EndpointSliceModel.Endpoint(address: IPAddress(v4: 10, 244, 1, $0)) }
      _ = snapshot.apply(.endpointSlice(model, revision: revision))
    }
    put([1, 2], 10)
    #expect(snapshot.withdrawal == 10, "what it held before is not known")
    put([1, 2, 3], 20)
    #expect(snapshot.withdrawal == 10)
    put([1, 3], 30)
    #expect(snapshot.withdrawal == 30)
    _ = snapshot.apply(.endpointSliceRemoved(ObjectName(namespace: "shop", name: "s1"), revision: 40))
    #expect(snapshot.withdrawal == 40)
  }

  @Test func aNodeHasInForceWhatEachOfItsPartsHas() async {
    let inForce = WithdrawalsInForce(parts: ["services", "names"])
    inForce.advance("services", to: 20)
    #expect(inForce.revision == 0)
    inForce.advance("names", to: 10)
    #expect(inForce.revision == 10)
    inForce.advance("names", to: 5)
    #expect(inForce.revision == 10)
    inForce.advance("names", to: 30)
    #expect(inForce.revision == 20)
  }
}
