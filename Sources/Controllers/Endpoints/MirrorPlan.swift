import JSONTree
import KubernetesAPI
import NetworkTypes

/// The EndpointSlices that say what Endpoints say which somebody made by hand, for a Service without a selector.
struct MirrorPlan {
  static let manager = "endpointslicemirroring-controller.k8s.io"
  static let skipLabel = "endpointslice.kubernetes.io/skip-mirror"
  /// On Endpoints that are a lock for electing a leader.
  static let leaderAnnotation = "control-plane.alpha.kubernetes.io/leader"
  /// Addresses of a subset, and of a slice.
  static let capacity = 1000

  private(set) var creations: [JSON] = []
  private(set) var updates: [JSON] = []
  private(set) var deletions: [JSON] = []
  /// Addresses that are none.
  private(set) var invalidAddresses = 0
  /// Addresses beyond ``capacity``, and those that are none.
  private(set) var skippedAddresses = 0

  private struct Key: Hashable {
    let family: String
    let ports: [EndpointPort]
  }

  private let endpoints: JSON

  /// Whether Endpoints are to be mirrored; the Service has its say too.
  static func isMirrored(_ endpoints: JSON) -> Bool {
    endpoints.labels[skipLabel] != "true" && endpoints.annotations[leaderAnnotation] == nil
  }

  /// - Parameter existing: the mirrored slices of the same name.
  init(_ endpoints: JSON, existing: [JSON]) {
    self.endpoints = endpoints
    var wanted: [Key: [JSON]] = [:]
    var known: [Key: Set<[JSON?]>] = [:]
    for subset in endpoints["subsets"]?.items ?? [] { take(subset, into: &wanted, known: &known) }
    var present: [Key: [JSON]] = [:]
    for slice in existing.filter({ !$0.isTerminating }).sorted(by: { $0.name < $1.name }) {
      let ports = (slice["ports"]?.items ?? []).map(EndpointPort.init)
      present[Key(family: slice["addressType"]?.string ?? "", ports: EndpointPort.sorted(ports)), default: []].append(
        slice)
    }
    var surplus: [JSON] = []
    var fresh: [JSON] = []
    for (key, slices) in present { surplus += wanted[key] == nil ? slices : Array(slices.dropFirst()) }
    for (key, list) in wanted {
      guard let slice = present[key]?.first else {
        fresh.append(filled(nil, key, list))
        continue
      }
      let changed = filled(slice, key, list)
      if changed != slice { updates.append(changed) }
    }
    surplus.sort { $0.name < $1.name }
    for slice in fresh {
      // The family of a slice cannot be changed; all else can.
      guard let index = surplus.firstIndex(where: { $0["addressType"] == slice["addressType"] }) else {
        // Under the garbage collector's hands nothing is made.
        if !endpoints.isTerminating { creations.append(slice) }
        continue
      }
      var changed = surplus.remove(at: index)
      for member in ["endpoints", "ports"] { changed[member] = slice[member] }
      changed[path: "metadata", "labels"] = slice[path: "metadata", "labels"]
      changed[path: "metadata", "annotations"] = slice[path: "metadata", "annotations"]
      changed[path: "metadata", "ownerReferences"] = slice[path: "metadata", "ownerReferences"]
      updates.append(changed)
    }
    deletions = surplus
  }

  private mutating func take(_ subset: JSON, into wanted: inout [Key: [JSON]], known: inout [Key: Set<[JSON?]>]) {
    let ports = EndpointPort.sorted((subset["ports"]?.items ?? []).map(EndpointPort.init))
    var count = 0
    for (list, isReady) in [("addresses", true), ("notReadyAddresses", false)] {
      for item in subset[list]?.items ?? [] {
        guard count < Self.capacity else {
          skippedAddresses += 1
          continue
        }
        guard let address = IPAddress(item["ip"]?.string ?? "") else {
          invalidAddresses += 1
          skippedAddresses += 1
          continue
        }
        count += 1
        let key = Key(family: address.family.kubernetesName, ports: ports)
        let endpoint = Self.endpoint(item, address, isReady)
        let identity = ["addresses", "hostname", "targetRef"].map { endpoint[$0] }
        // Two subsets with the same ports share a slice.
        if known[key, default: []].insert(identity).inserted, wanted[key, default: []].count < Self.capacity {
          wanted[key, default: []].append(endpoint)
        }
      }
    }
  }

  private static func endpoint(_ item: JSON, _ address: IPAddress, _ isReady: Bool) -> JSON {
    var endpoint: JSON = ["addresses": [.string("\(address)")], "conditions": ["ready": .bool(isReady)]]
    for member in ["hostname", "targetRef", "nodeName"] {
      if let value = item[member], value != "" { endpoint[member] = value }
    }
    return endpoint
  }

  private func filled(_ slice: JSON?, _ key: Key, _ list: [JSON]) -> JSON {
    var result =
      slice ?? [
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
        "metadata": [
          "generateName": .string("\(endpoints.name)-"), "namespace": .string(endpoints.namespace),
        ],
      ]
    // Those of the same name that went before may have owned it.
    result[path: "metadata", "ownerReferences"] = [endpoints.ownerReference()]
    var labels = endpoints.labels
    labels[EndpointSlicePlan.serviceName] = endpoints.name
    labels[EndpointSlicePlan.managedBy] = Self.manager
    result[path: "metadata", "labels"] = .object(JSONObject(labels.sorted { $0.key < $1.key }))
    var annotations = endpoints.annotations
    for name in [TriggerTimes.annotation, "kubectl.kubernetes.io/last-applied-configuration"] {
      annotations[name] = nil
    }
    result[path: "metadata", "annotations"] =
      annotations.isEmpty ? nil : .object(JSONObject(annotations.sorted { $0.key < $1.key }))
    result["addressType"] = .string(key.family)
    result["endpoints"] = .array(list)
    if slice == nil { result["ports"] = .array(key.ports.map(\.json)) }
    return result
  }
}
