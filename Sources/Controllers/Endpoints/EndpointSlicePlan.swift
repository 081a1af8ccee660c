import JSONTree
import KubernetesAPI

/// The EndpointSlices of a Service: what is, compared with what shall be, with as few writes as will do.
struct EndpointSlicePlan {
  static let manager = "endpointslice-controller.k8s.io"
  static let managedBy = "endpointslice.kubernetes.io/managed-by"
  static let serviceName = "kubernetes.io/service-name"
  static let headless = "service.kubernetes.io/headless"
  static let capacity = 100

  private(set) var creations: [JSON] = []
  private(set) var updates: [JSON] = []
  private(set) var deletions: [JSON] = []

  private let service: JSON
  private let trigger: Timestamp?

  /// Where a node is.
  enum NodePlace {
    case unknownNode
    case zone(String?)
  }

  /// - Parameters:
  ///   - pods: those that the Service selects.
  ///   - existing: the slices of the Service that this controller manages.
  ///   - trigger: when that happened which is answered; written into the slices that are written.
  ///   - place: where a node is. Pods of a node that is not there are left out, unless the Service wants pods however
  ///     they are.
  init(service: JSON, pods: [JSON], existing: [JSON], trigger: Timestamp? = nil, place: (String) -> NodePlace) {
    self.service = service
    self.trigger = trigger
    // A Service of the same name may have gone just now; its slices go with it.
    let (own, strange) = existing.filter { !$0.isTerminating }.sorted { $0.name < $1.name }.divided { slice in
      slice.ownerReferences.contains { $0["uid"]?.string == service.uid && $0["kind"]?.string == "Service" }
    }
    guard service.spec["type"]?.string != "ExternalName" else {
      deletions = own + strange
      return
    }
    let wanted = Self.families(of: service)
    deletions = strange + own.filter { !wanted.contains($0["addressType"]?.string ?? "") }
    let backends = pods.sorted { $0.name < $1.name }.compactMap { ServiceBackend($0, of: service) }
    let hints = EndpointHints(service)
    for family in wanted {
      var groups: [[EndpointPort]: [JSON]] = [:]
      for backend in backends {
        guard let address = backend.address(isV6: family == "IPv6") else { continue }
        let zone: String?
        switch place(backend.pod.nodeName) {
        case .zone(let name): zone = name
        case .unknownNode:
          guard service.spec["publishNotReadyAddresses"]?.bool == true else { continue }
          zone = nil
        }
        let ports = EndpointPort.resolve(service, on: backend.pod)
        groups[ports, default: []].append(backend.sliceEndpoint(address: address, zone: zone, hints: hints))
      }
      plan(family, groups, own.filter { $0["addressType"]?.string == family })
    }
    // The garbage collector takes the slices of a Service that goes: none are to come anew under its hands.
    if service.isTerminating { creations = [] }
  }

  /// The Service that a slice is of, where `manager` keeps it.
  static func service(of slice: JSON, managedBy manager: String) -> ObjectName? {
    guard slice.labels[managedBy] == manager, let name = slice.labels[serviceName] else { return nil }
    return ObjectName(namespace: slice.namespace, name: name)
  }

  /// The families of a Service's slices. An object without any is of before the field: then the address says it, and a
  /// headless Service has both.
  static func families(of service: JSON) -> [String] {
    let families = (service.spec["ipFamilies"]?.items ?? []).compactMap(\.string)
    if !families.isEmpty { return families }
    guard let address = service.clusterAddress else { return ["IPv4", "IPv6"] }
    return [address.contains(":") ? "IPv6" : "IPv4"]
  }

  // MARK: One family

  private mutating func plan(_ family: String, _ groups: [[EndpointPort]: [JSON]], _ existing: [JSON]) {
    var surplus: [JSON] = []
    var fresh: [JSON] = []
    var kept = 0
    let byPorts = Dictionary(grouping: existing) {
      EndpointPort.sorted(($0["ports"]?.items ?? []).map(EndpointPort.init))
    }
    let wanted = Set(groups.keys.map(EndpointPort.sorted))
    for (key, slices) in byPorts where !wanted.contains(key) { surplus += slices }
    for (ports, endpoints) in groups {
      var packing = SlicePacking(
        byPorts[EndpointPort.sorted(ports)] ?? [], endpoints: endpoints, capacity: Self.capacity)
      packing.pack { $0.labels != labels }
      surplus += packing.empty
      kept += packing.kept.count
      for (slice, endpoints) in packing.kept {
        let changed = filled(slice, family, slice["ports"] ?? [], endpoints)
        if changed != slice { updates.append(stamped(changed)) }
      }
      for part in packing.fresh { fresh.append(filled(nil, family, .array(ports.map(\.json)), part)) }
    }
    // A Service without endpoints keeps one slice that says so.
    if kept == 0, fresh.isEmpty { fresh.append(filled(nil, family, [], [])) }
    // Changing a slice that would go costs one write where deleting and creating cost two.
    surplus.sort { $0.name < $1.name }
    for slice in fresh {
      guard !surplus.isEmpty else {
        creations.append(stamped(slice))
        continue
      }
      let old = surplus.removeFirst()
      let changed = filled(old, family, slice["ports"] ?? [], slice["endpoints"]?.items ?? [])
      if changed != old { updates.append(stamped(changed)) }
    }
    deletions += surplus
  }

  private func filled(_ slice: JSON?, _ family: String, _ ports: JSON, _ endpoints: [JSON]) -> JSON {
    var result =
      slice ?? [
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
        "metadata": [
          "generateName": .string("\(service.name)-"), "namespace": .string(service.namespace),
          "ownerReferences": [service.ownerReference()],
        ],
      ]
    result[path: "metadata", "labels"] = .object(JSONObject(labels.sorted { $0.key < $1.key }))
    result["addressType"] = .string(family)
    result["endpoints"] = .array(endpoints)
    result["ports"] = ports
    return result
  }

  /// With the time of what is answered.
  private func stamped(_ slice: JSON) -> JSON {
    var slice = slice
    slice.setAnnotation(TriggerTimes.annotation, trigger?.description)
    return slice
  }

  /// The Service's own labels, and those by which slices are found.
  private var labels: [String: String] {
    var labels = service.labels
    labels[Self.serviceName] = service.name
    labels[Self.managedBy] = Self.manager
    labels[Self.headless] = service.clusterAddress == nil ? "" : nil
    return labels
  }
}

extension JSON {
  /// A Service's address; `nil` where it has none, be it headless or not given one yet.
  var clusterAddress: String? {
    spec["clusterIP"]?.string.flatMap { $0.isEmpty || $0 == "None" ? nil : $0 }
  }

  /// Sets or with `nil` removes an annotation.
  mutating func setAnnotation(_ name: String, _ value: String?) {
    guard value != nil || annotations[name] != nil else { return }
    self[path: "metadata", "annotations", name] = value.map(JSON.string)
  }
}

extension Array {
  /// Those for which `condition` holds, and the others, each in order.
  fileprivate func divided(by condition: (Element) -> Bool) -> (held: [Element], others: [Element]) {
    (filter(condition), filter { !condition($0) })
  }
}
