import ClusterModel
import KubernetesAPI
import NetworkTypes
import Testing

@testable import NodeAgent

@Suite struct EndpointPlacesTests {
  private let pod = ObjectName(namespace: "shop", name: "web-1")
  private let service = ObjectName(namespace: "shop", name: "web")

  @Test func aServiceWithAnotherEndpointStopsChoosingThePod() {
    let cluster = TestEndpoints()
    var places = cluster.places()
    places.update(cluster.update([.ready("web-1"), .ready("web-2", on: "node-2")]))
    #expect(places.isMissed(pod))
    #expect(places.isChosen(pod))
    places.update(cluster.update([.terminating("web-1"), .ready("web-2", on: "node-2")]))
    #expect(places.isMissed(pod))
    #expect(!places.isChosen(pod))
  }

  @Test func theLastEndpointStaysChosen() {
    let cluster = TestEndpoints()
    var places = cluster.places()
    places.update(cluster.update([.terminating("web-1"), .terminating("web-2", on: "node-2")]))
    #expect(!places.isMissed(pod))
  }

  @Test func aServiceThatPublishesWhatIsNotReadyGoesOn() {
    let cluster = TestEndpoints(publishesNotReady: true)
    var places = cluster.places()
    places.update(cluster.update([.ready("web-1"), .ready("web-2", on: "node-2")]))
    #expect(!places.isMissed(pod))
  }

  @Test func podsOfOtherNodesAndFormerEndpointsAreForgotten() {
    let cluster = TestEndpoints()
    var places = cluster.places()
    places.update(cluster.update([.ready("web-1", on: "node-2"), .ready("web-2", on: "node-2")]))
    #expect(!places.isMissed(pod))
    places.update(cluster.update([.ready("web-1"), .ready("web-2", on: "node-2")]))
    #expect(places.isMissed(pod))
    places.update(cluster.update([.ready("web-2", on: "node-2")]))
    #expect(!places.isMissed(pod))
  }
}
