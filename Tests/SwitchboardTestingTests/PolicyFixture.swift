import JSONTree
import KubernetesAPI
import NetworkTypes
import SwitchboardTesting

/// Two nodes and a handful of pods for policies to be about.
///
/// | pod | node | labels | ports |
/// |-|-|-|-|
/// | `shop/web` | `a` | `app=web tier=front` | `http` 8080 |
/// | `shop/db` | `b` | `app=db` | `http` 80, `sql` 5432, `dns` 53/UDP, sidecar's `admin` 9000 |
/// | `shop/plain` | `a` | none | |
/// | `ops/web` | `b` | `app=web` | |
/// | `ops/host` | `a` | `app=web`, on the node's network | `http` 8080 |
/// | `shop/done` | `a` | `app=web`, has finished | |
enum PolicyFixture {
  static let dns = IPAddress(v4: 10, 96, 0, 10)
  static let outside = PolicyOracle.Party.address(IPAddress(v4: 203, 0, 113, 7))
  static let shopWeb = pod("shop", "web")
  static let shopDB = pod("shop", "db")
  static let plain = pod("shop", "plain")
  static let opsWeb = pod("ops", "web")
  static let host = pod("ops", "host")
  static let done = pod("shop", "done")

  private static func pod(_ namespace: String, _ name: String) -> PolicyOracle.Party {
    .pod(ObjectName(namespace: namespace, name: name))
  }

  static let namespaces: [JSON] = [
    ["metadata": ["name": "shop", "labels": ["kubernetes.io/metadata.name": "shop", "team": "red"]]],
    ["metadata": ["name": "ops", "labels": ["kubernetes.io/metadata.name": "ops"]]],
    ["metadata": ["name": "kube-system", "labels": ["kubernetes.io/metadata.name": "kube-system"]]],
  ]

  static let nodes: [JSON] = [
    [
      "metadata": ["name": "a"],
      "status": [
        "addresses": [
          ["type": "InternalIP", "address": "172.30.0.2"], ["type": "InternalIP", "address": "fd00:172:30::2"],
        ]
      ],
    ],
    [
      "metadata": ["name": "b"],
      "status": [
        "addresses": [
          ["type": "ExternalIP", "address": "198.51.100.3"], ["type": "InternalIP", "address": "172.30.0.3"],
        ]
      ],
    ],
  ]

  static let pods: [JSON] = [
    [
      "metadata": ["namespace": "shop", "name": "web", "labels": ["app": "web", "tier": "front"]],
      "spec": ["nodeName": "a", "containers": [["name": "c", "ports": [["name": "http", "containerPort": 8080]]]]],
      "status": [
        "phase": "Running", "podIP": "10.244.0.3", "podIPs": [["ip": "10.244.0.3"], ["ip": "fd00:10:244::3"]],
      ],
    ],
    [
      "metadata": ["namespace": "shop", "name": "db", "labels": ["app": "db"]],
      "spec": [
        "nodeName": "b",
        "initContainers": [
          ["name": "side", "restartPolicy": "Always", "ports": [["name": "admin", "containerPort": 9000]]],
          ["name": "first", "ports": [["name": "gone", "containerPort": 9001]]],
        ],
        "containers": [
          [
            "name": "c",
            "ports": [
              ["name": "http", "containerPort": 80], ["name": "sql", "containerPort": 5432, "protocol": "TCP"],
              ["name": "dns", "containerPort": 53, "protocol": "UDP"],
            ],
          ]
        ],
      ],
      "status": [
        "phase": "Running", "podIP": "10.244.1.3", "podIPs": [["ip": "10.244.1.3"], ["ip": "fd00:10:244:1::3"]],
      ],
    ],
    [
      "metadata": ["namespace": "shop", "name": "plain"], "spec": ["nodeName": "a", "containers": [["name": "c"]]],
      "status": ["phase": "Running", "podIP": "10.244.0.4", "podIPs": [["ip": "10.244.0.4"]]],
    ],
    [
      "metadata": ["namespace": "ops", "name": "web", "labels": ["app": "web"]],
      "spec": ["nodeName": "b", "containers": [["name": "c"]]],
      "status": ["phase": "Running", "podIP": "10.244.1.4"],
    ],
    [
      "metadata": ["namespace": "ops", "name": "host", "labels": ["app": "web"]],
      "spec": [
        "nodeName": "a", "hostNetwork": true,
        "containers": [["name": "c", "ports": [["name": "http", "containerPort": 8080, "hostPort": 8080]]]],
      ],
      "status": ["phase": "Running", "podIP": "172.30.0.2", "podIPs": [["ip": "172.30.0.2"]]],
    ],
    [
      "metadata": ["namespace": "shop", "name": "done", "labels": ["app": "web"]],
      "spec": ["nodeName": "a", "containers": [["name": "c"]]],
      "status": ["phase": "Succeeded", "podIP": "10.244.0.9", "podIPs": [["ip": "10.244.0.9"]]],
    ],
  ]

  /// The cluster with policies of these specs in a namespace.
  static func oracle(_ specs: JSON..., namespace: String = "shop") -> PolicyOracle {
    let policies = specs.enumerated().map { index, spec -> JSON in
      ["metadata": ["namespace": .string(namespace), "name": "policy\(index)"], "spec": spec]
    }
    return PolicyOracle(
      namespaces: namespaces, pods: pods, nodes: nodes, policies: policies, dnsAddresses: [dns])
  }
}
