import ClusterModel
import JSONTree
import KubernetesAPI
import NetworkTypes

/// A client and a web pod on one node, another web pod elsewhere, and the Service `shop/web`.
enum FlowScene {
  static let client = IPAddress(v4: 10, 244, 1, 2)
  static let web = IPAddress(v4: 10, 244, 1, 3)
  static let remote = IPAddress(v4: 10, 244, 2, 3)
  static let service = SocketEndpoint(IPAddress(v4: 10, 96, 0, 7), 80)
  static let node = IPAddress(v4: 172, 30, 0, 11)
  static let dns = IPAddress(v4: 10, 96, 0, 10)

  static func feed(_ policies: JSON...) -> ClusterFeed {
    let feed = ClusterFeed()
    let objects: [(ResourceKind, JSON)] = [
      (.namespaces, ["metadata": ["name": "shop", "labels": ["kubernetes.io/metadata.name": "shop"]]]),
      (.nodes, nodeObject("node-1", "172.30.0.11")), (.nodes, nodeObject("node-2", "172.30.0.12")),
      (.pods, pod("client", "10.244.1.2", "node-1")), (.pods, pod("web", "10.244.1.3", "node-1")),
      (.pods, pod("remote", "10.244.2.3", "node-2")),
      (
        .services,
        [
          "metadata": ["name": "web", "namespace": "shop"],
          "spec": [
            "type": "NodePort", "clusterIP": "10.96.0.7", "clusterIPs": ["10.96.0.7"],
            "ports": [["name": "http", "port": 80, "nodePort": 30_080]],
          ],
        ]
      ),
      (
        .endpointSlices,
        [
          "metadata": ["name": "web-1", "namespace": "shop", "labels": ["kubernetes.io/service-name": "web"]],
          "addressType": "IPv4", "ports": [["name": "http", "port": 8080]],
          "endpoints": [["addresses": ["10.244.1.3"]], ["addresses": ["10.244.2.3"]]],
        ]
      ),
    ]
    feed.apply(objects.compactMap { ClusterEvent(kind: $0.0, object: $0.1, isRemoved: false) })
    feed.apply(policies.compactMap { ClusterEvent(kind: .networkPolicies, object: $0, isRemoved: false) })
    feed.markSynced()
    return feed
  }

  static func nodeObject(_ name: String, _ address: String) -> JSON {
    [
      "metadata": ["name": .string(name)],
      "status": ["addresses": [["type": "InternalIP", "address": .string(address)]]],
    ]
  }

  static func pod(_ name: String, _ address: String, _ node: String) -> JSON {
    [
      "metadata": [
        "name": .string(name), "namespace": "shop", "uid": .string("uid-\(name)"), "labels": ["app": .string(name)],
      ],
      "spec": ["nodeName": .string(node)], "status": ["phase": "Running", "podIPs": [["ip": .string(address)]]],
    ]
  }

  static func policy(_ name: String, _ spec: JSON) -> JSON {
    ["metadata": ["name": .string(name), "namespace": "shop"], "spec": spec]
  }
}
