import ClusterModel
import JSONTree
import KubernetesAPI
import NetworkTypes
import Testing

/// A node with a web pod, a database and a client in `shop`, and a client in `other`, as objects.
enum PolicyObjects {
  static let dns = IPAddress("10.96.0.10")!
  static let nodeAddress = IPAddress("172.30.0.11")!
  static let web = IPAddress("10.244.1.2")!
  static let db = IPAddress("10.244.1.3")!
  static let client = IPAddress("10.244.1.4")!
  static let stranger = IPAddress("10.244.1.5")!
  static let outside = IPAddress("192.0.2.7")!

  static var cluster: [ClusterEvent] {
    [
      namespace("shop", labels: ["team": "a"]), namespace("other", labels: ["team": "b"]),
      namespace("kube-system", labels: [:]), pod("shop", "web", web), pod("shop", "db", db, port: 5432),
      pod("shop", "client", client), pod("other", "client", stranger), .attached(web, podUID: "shop-web"),
      .attached(db, podUID: "shop-db"), .attached(client, podUID: "shop-client"),
      .attached(stranger, podUID: "other-client"),
    ]
  }

  static func event(_ kind: ResourceKind, _ object: JSON) throws -> ClusterEvent {
    try #require(ClusterEvent(kind: kind, object: object, isRemoved: false))
  }

  static func namespace(_ name: String, labels: [String: String]) -> ClusterEvent {
    .namespace(NamespaceModel(name: name, labels: labels.merging(["kubernetes.io/metadata.name": name]) { $1 }))
  }

  /// A pod with the label `app` of its own name, and the port `serve`.
  static func pod(
    _ namespace: String, _ name: String, _ address: IPAddress, port: UInt16 = 8080, labels: [String: String] = [:],
    phase: String = "Running"
  ) -> ClusterEvent {
    let labels = labels.merging(["app": name]) { $1 }.sorted { $0.key < $1.key }
    let metadata: JSON = [
      "name": .string(name), "namespace": .string(namespace), "uid": .string("\(namespace)-\(name)"),
      "labels": .object(JSONObject(labels)),
    ]
    let serve: JSON = ["name": "serve", "containerPort": .int(Int64(port))]
    let spec: JSON = ["nodeName": "node-1", "containers": [["name": "c", "ports": [serve]]]]
    let status: JSON = ["phase": .string(phase), "podIPs": [["ip": .string(address.description)]]]
    return .pod(PodModel(object: ["metadata": metadata, "spec": spec, "status": status]))
  }

  static func policy(_ name: String, _ spec: JSON) -> JSON {
    ["metadata": ["name": .string(name), "namespace": "shop"], "spec": spec]
  }
}
