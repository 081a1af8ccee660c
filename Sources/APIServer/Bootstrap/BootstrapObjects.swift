package import JSONTree
package import KubernetesAPI
package import NetworkTypes

/// The objects every cluster has from its first moment. Each is created where it is missing; the addresses behind the
/// `kubernetes` Service follow the server at each start.
package struct BootstrapObjects: Sendable {
  package struct Item: Sendable {
    package let kind: ResourceKind
    package let object: JSON
    /// Whether an existing object is brought back to this content at each start.
    package let isKeptCurrent: Bool
  }

  package let advertiseAddress: IPAddress
  package let port: UInt16
  /// The first address of the primary range.
  package let kubernetesServiceAddress: IPAddress
  /// The tenth of each range, as everybody has it.
  package let dnsServiceAddresses: [IPAddress]

  /// - Parameter serviceCIDRs: At least one; the primary range first.
  package init(advertiseAddress: IPAddress, port: UInt16, serviceCIDRs: [CIDR]) {
    self.advertiseAddress = advertiseAddress
    self.port = port
    kubernetesServiceAddress = (serviceCIDRs.first?.base ?? advertiseAddress).advanced(by: 1)
    dnsServiceAddresses = serviceCIDRs.map { $0.base.advanced(by: 10) }
  }

  /// In an order in which each can be created.
  package var items: [Item] {
    ["default", "kube-system", "kube-public", "kube-node-lease"].map { name in
      Item(
        kind: .namespaces,
        object: [
          "apiVersion": "v1", "kind": "Namespace",
          "metadata": ["name": .string(name), "labels": ["kubernetes.io/metadata.name": .string(name)]],
        ], isKeptCurrent: false)
    } + [
      Item(kind: .services, object: kubernetesService, isKeptCurrent: false),
      Item(kind: .endpoints, object: kubernetesEndpoints, isKeptCurrent: true),
      Item(kind: .endpointSlices, object: kubernetesSlice, isKeptCurrent: true),
      Item(kind: .services, object: dnsService, isKeptCurrent: false),
      priorityClass(
        "system-cluster-critical", 2_000_000_000, "For pods the cluster cannot do without, on whichever node they run."),
      priorityClass("system-node-critical", 2_000_001_000, "For pods a node cannot do without."),
    ]
  }

  private func priorityClass(_ name: String, _ value: Int64, _ text: String) -> Item {
    Item(
      kind: .priorityClasses,
      object: [
        "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": ["name": .string(name)],
        "value": .int(value), "description": .string(text),
      ], isKeptCurrent: false)
  }

  private var kubernetesService: JSON {
    [
      "apiVersion": "v1", "kind": "Service",
      "metadata": [
        "name": "kubernetes", "namespace": "default",
        "labels": ["component": "apiserver", "provider": "kubernetes"],
      ],
      "spec": [
        "type": "ClusterIP", "clusterIP": .string(kubernetesServiceAddress.description), "sessionAffinity": "None",
        "ipFamilyPolicy": "SingleStack", "ipFamilies": [.string(kubernetesServiceAddress.family.kubernetesName)],
        "ports": [["name": "https", "protocol": "TCP", "port": 443, "targetPort": .int(Int64(port))]],
      ],
    ]
  }

  private var kubernetesEndpoints: JSON {
    [
      "apiVersion": "v1", "kind": "Endpoints",
      "metadata": [
        "name": "kubernetes", "namespace": "default",
        "labels": ["endpointslice.kubernetes.io/skip-mirror": "true"],
      ],
      "subsets": [
        [
          "addresses": [["ip": .string(advertiseAddress.description)]],
          "ports": [["name": "https", "port": .int(Int64(port)), "protocol": "TCP"]],
        ]
      ],
    ]
  }

  private var kubernetesSlice: JSON {
    [
      "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
      "metadata": [
        "name": "kubernetes", "namespace": "default", "labels": ["kubernetes.io/service-name": "kubernetes"],
      ],
      "addressType": .string(advertiseAddress.family.kubernetesName),
      "endpoints": [
        ["addresses": [.string(advertiseAddress.description)], "conditions": ["ready": true]]
      ],
      "ports": [["name": "https", "port": .int(Int64(port)), "protocol": "TCP"]],
    ]
  }

  private var dnsAddresses: [JSON] { dnsServiceAddresses.map { .string($0.description) } }

  /// A Service of one family that is to have an address of each by now; `nil` where nothing is to be done.
  static func withSecondFamily(_ held: JSON, of wanted: JSON) -> JSON? {
    let (had, wants) = (held.spec["clusterIPs"]?.items ?? [], wanted.spec["clusterIPs"]?.items ?? [])
    guard had.count == 1, wants.count == 2, had[0] == wants[0] else { return nil }
    var service = held
    service[path: "spec", "clusterIPs"] = .array(wants)
    service[path: "spec", "ipFamilyPolicy"] = wanted.spec["ipFamilyPolicy"]
    return service
  }

  /// Answered by the agent on every node itself, so the label takes it out of the proxy's hands.
  private var dnsService: JSON {
    [
      "apiVersion": "v1", "kind": "Service",
      "metadata": [
        "name": "kube-dns", "namespace": "kube-system",
        "labels": [
          "k8s-app": "kube-dns", "kubernetes.io/name": "Switchboard",
          "service.kubernetes.io/service-proxy-name": "switchboard-dns",
        ],
      ],
      "spec": [
        "type": "ClusterIP", "clusterIP": dnsAddresses.first ?? "", "clusterIPs": .array(dnsAddresses),
        "ipFamilyPolicy": "PreferDualStack",
        "ports": [
          ["name": "dns", "protocol": "UDP", "port": 53, "targetPort": 53],
          ["name": "dns-tcp", "protocol": "TCP", "port": 53, "targetPort": 53],
        ],
      ],
    ]
  }
}
