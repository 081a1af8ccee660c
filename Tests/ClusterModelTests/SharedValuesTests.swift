import JSONTree
import KubernetesAPI
import NetworkTypes
import Testing

@testable import ClusterModel

@Suite("Shared values") struct SharedValuesTests {
  private final class Box: Hashable, Sendable {
    let text: String
    init(_ text: String) { self.text = text }
    static func == (left: Box, right: Box) -> Bool { left.text == right.text }
    func hash(into hasher: inout Hasher) { hasher.combine(text) }
  }

  @Test func equalValuesAreOne() {
    let pool = SharedValues<Box>()
    let first = pool.one(Box("a"))
    #expect(pool.one(Box("a")) === first)
    #expect(pool.one(Box("b")) !== first)
  }

  @Test func aFullPoolBeginsAnew() {
    let pool = SharedValues<Box>(limit: 2)
    let first = pool.one(Box("a"))
    _ = pool.one(Box("b"))
    #expect(pool.one(Box("a")) === first)
    _ = pool.one(Box("c"))
    #expect(pool.one(Box("a")) !== first)
  }

  @Test func endpointsOfOneNodeShareWhatTheyHaveInCommon() {
    let item: JSON = [
      "addresses": ["10.244.1.5"], "nodeName": "worker-in-some-rack-1", "zone": "a",
      "hints": ["forZones": [["name": "a"]]], "targetRef": ["kind": "Pod", "name": "web-1"],
    ]
    var other = item
    other["targetRef"] = ["kind": "Pod", "name": "web-2", "namespace": "shop"]
    var named = item
    named["hostname"] = "web-3"
    let slice = EndpointSliceModel(
      object: [
        "metadata": ["name": "web-x", "namespace": "shop"], "addressType": "IPv4",
        "endpoints": [item, other, named, ["addresses": ["10.244.1.6"]]],
      ])
    let endpoints = slice.endpoints
    #expect(endpoints[0].shared === endpoints[1].shared && endpoints[0].shared !== endpoints[2].shared)
    #expect(endpoints[3].shared == nil)
    #expect(
      endpoints.map(\.pod?.name) == ["web-1", "web-2", "web-1", nil] && endpoints[1].pod?.namespace == "shop")
    #expect(endpoints.map(\.hostname) == [nil, nil, "web-3", nil])
    // A write to one is none to the others.
    var changed = endpoints[0]
    changed.nodeName = "b"
    #expect(changed != endpoints[0] && endpoints[1].nodeName == "worker-in-some-rack-1" && changed.zone == "a")
    changed.nodeName = "worker-in-some-rack-1"
    #expect(changed == endpoints[0])
    changed.nodeName = nil
    (changed.zone, changed.zoneHints, changed.pod) = (nil, [], nil)
    #expect(changed.shared == nil)
  }

  /// A cluster has hundreds of thousands of these.
  @Test func whatThereIsMuchOfIsSmall() {
    #expect(MemoryLayout<IPAddress>.stride == 24)
    #expect(MemoryLayout<SocketEndpoint>.stride == 24)
    #expect(MemoryLayout<EndpointSliceModel.Endpoint>.stride == 48)
  }
}
