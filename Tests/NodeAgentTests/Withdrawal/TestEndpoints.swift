import ClusterModel
import KubernetesAPI
import NetworkTypes

@testable import NodeAgent

/// One Service with one slice, whose endpoints tests change.
final class TestEndpoints: Sendable {
  struct Endpoint: Sendable {
    let pod: String
    let node: String
    let isReady: Bool

    static func ready(_ pod: String, on node: String = "node-1") -> Endpoint {
      Endpoint(pod: pod, node: node, isReady: true)
    }

    static func terminating(_ pod: String, on node: String = "node-1") -> Endpoint {
      Endpoint(pod: pod, node: node, isReady: false)
    }
  }

  let feed = ClusterFeed()
  private let namespace: String
  private var service: ObjectName { ObjectName(namespace: namespace, name: "web") }

  init(namespace: String = "shop", publishesNotReady: Bool = false) {
    self.namespace = namespace
    var model = ServiceModel(name: ObjectName(namespace: namespace, name: "web"))
    model.publishesNotReady = publishesNotReady
    feed.apply([.service(model)])
    feed.markSynced()
  }

  func places() -> EndpointPlaces { EndpointPlaces(nodeName: "node-1") }

  func set(_ endpoints: [Endpoint], revision: UInt64 = 0) {
    var slice = EndpointSliceModel(name: ObjectName(namespace: namespace, name: "web-1"))
    slice.service = service
    slice.endpoints = endpoints.enumerated().map { number, item in
      var endpoint = EndpointSliceModel.Endpoint(address: IPAddress(v4: 10, 244, 1, UInt8(number + 1)))
      endpoint.pod = ObjectName(namespace: namespace, name: item.pod)
      endpoint.nodeName = item.node
      endpoint.isReady = item.isReady
      endpoint.isTerminating = !item.isReady
      return endpoint
    }
    feed.apply([.endpointSlice(slice, revision: revision)])
  }

  /// The change that a reader of the feed gets.
  func update(_ endpoints: [Endpoint]) -> ClusterUpdate {
    set(endpoints)
    var change = ClusterChange()
    change.services = [service]
    return ClusterUpdate(snapshot: feed.snapshot, change: change, isFirst: false)
  }
}
