import JSONTree
import KubernetesAPI

/// Small valid objects.
enum TestObjects {
  static func configMap(_ name: String, data: JSON = [:], labels: JSON? = nil) -> JSON {
    var object: JSON = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)], "data": data]
    object[path: "metadata", "labels"] = labels
    return object
  }

  static func secret(_ name: String, text: JSON = [:]) -> JSON {
    ["apiVersion": "v1", "kind": "Secret", "metadata": ["name": .string(name)], "stringData": text]
  }

  static func serviceAccount(_ name: String) -> JSON {
    ["apiVersion": "v1", "kind": "ServiceAccount", "metadata": ["name": .string(name)]]
  }

  static func pod(_ name: String, labels: JSON? = nil, node: String? = nil) -> JSON {
    var object: JSON = [
      "apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name)],
      "spec": ["containers": [["name": "web", "image": "registry.example/web:1"]]],
    ]
    object[path: "metadata", "labels"] = labels
    object[path: "spec", "nodeName"] = node.map { .string($0) }
    return object
  }

  static func service(_ name: String, spec: JSON = [:]) -> JSON {
    var object: JSON = [
      "apiVersion": "v1", "kind": "Service", "metadata": ["name": .string(name)],
      "spec": ["selector": ["app": "web"], "ports": [["port": 80]]],
    ]
    for member in spec.object?.members ?? [] { object[path: "spec", member.key] = member.value }
    return object
  }

  static func deployment(_ name: String, replicas: Int64 = 2) -> JSON {
    [
      "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": .string(name)],
      "spec": [
        "replicas": .int(replicas), "selector": ["matchLabels": ["app": "web"]],
        "template": [
          "metadata": ["labels": ["app": "web"]],
          "spec": ["containers": [["name": "web", "image": "registry.example/web:1"]]],
        ],
      ],
    ]
  }

  static func node(_ name: String) -> JSON {
    ["apiVersion": "v1", "kind": "Node", "metadata": ["name": .string(name)]]
  }

  static func lease(_ name: String) -> JSON {
    [
      "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": ["name": .string(name)],
      "spec": ["holderIdentity": "a", "leaseDurationSeconds": 15],
    ]
  }

  static func slice(_ name: String) -> JSON {
    [
      "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": ["name": .string(name)],
      "addressType": "IPv4", "endpoints": [["addresses": ["10.1.2.3"]]], "ports": [["name": "http", "port": 80]],
    ]
  }

  /// One valid object of every namespaced kind that is served under a name of its own choice.
  static func every(_ name: String) -> [(kind: ResourceKind, object: JSON)] {
    [
      (.configMaps, configMap(name)), (.secrets, secret(name)), (.serviceAccounts, serviceAccount(name)),
      (.pods, pod(name)), (.services, service(name)), (.deployments, deployment(name)), (.leases, lease(name)),
      (.endpointSlices, slice(name)),
      (
        .endpoints,
        [
          "apiVersion": "v1", "kind": "Endpoints", "metadata": ["name": .string(name)],
          "subsets": [["addresses": [["ip": "10.1.2.3"]], "ports": [["port": 80]]]],
        ]
      ),
      (
        .replicaSets,
        [
          "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": ["name": .string(name)],
          "spec": deployment(name).spec,
        ]
      ),
    ]
  }
}
