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

  /// - Parameters:
  ///   - pods: those that the Service selects.
  ///   - existing: the slices of the Service that this controller manages.
  ///   - zone: the zone of a node.
  init(service: JSON, pods: [JSON], existing: [JSON], zone: (String) -> String?) {
    self.service = service
    let existing = existing.filter { !$0.isTerminating }.sorted { $0.name < $1.name }
    guard service.spec["type"]?.string != "ExternalName" else {
      deletions = existing
      return
    }
    let backends = pods.sorted { $0.name < $1.name }.compactMap { ServiceBackend($0, of: service) }
    let families = (service.spec["ipFamilies"]?.items ?? []).compactMap(\.string)
    let wanted = families.isEmpty ? ["IPv4"] : families
    deletions = existing.filter { !wanted.contains($0["addressType"]?.string ?? "") }
    for family in wanted {
      var groups: [[EndpointPort]: [JSON]] = [:]
      for backend in backends {
        guard let address = backend.address(isV6: family == "IPv6") else { continue }
        let ports = EndpointPort.resolve(service, on: backend.pod)
        let endpoint = backend.sliceEndpoint(address: address, zone: zone(backend.pod.nodeName))
        groups[ports, default: []].append(endpoint)
      }
      plan(family, groups, existing.filter { $0["addressType"]?.string == family })
    }
  }

  // MARK: One family

  private mutating func plan(_ family: String, _ groups: [[EndpointPort]: [JSON]], _ existing: [JSON]) {
    var surplus: [JSON] = []
    var fresh: [JSON] = []
    var kept = 0
    let byPorts = Dictionary(grouping: existing) { Self.key(($0["ports"]?.items ?? []).map(EndpointPort.init)) }
    let wanted = Set(groups.keys.map(Self.key))
    for (key, slices) in byPorts where !wanted.contains(key) { surplus += slices }
    for (ports, endpoints) in groups {
      var packing = SlicePacking(byPorts[Self.key(ports)] ?? [], endpoints: endpoints)
      packing.pack()
      surplus += packing.empty
      kept += packing.kept.count
      for (slice, endpoints) in packing.kept {
        let changed = filled(slice, family, slice["ports"] ?? [], endpoints)
        if changed != slice { updates.append(changed) }
      }
      for part in packing.fresh { fresh.append(filled(nil, family, .array(ports.map(\.json)), part)) }
    }
    // A Service without endpoints keeps one slice that says so.
    if kept == 0, fresh.isEmpty { fresh.append(filled(nil, family, [], [])) }
    // Changing a slice that would go costs one write where deleting and creating cost two.
    surplus.sort { $0.name < $1.name }
    for slice in fresh {
      guard !surplus.isEmpty else {
        creations.append(slice)
        continue
      }
      let old = surplus.removeFirst()
      let changed = filled(old, family, slice["ports"] ?? [], slice["endpoints"]?.items ?? [])
      if changed != old { updates.append(changed) }
    }
    deletions += surplus
  }

  /// Ports in any order are the same ports.
  private static func key(_ ports: [EndpointPort]) -> [EndpointPort] {
    ports.sorted { ($0.name, $0.transport, $0.port) < ($1.name, $1.transport, $1.port) }
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

  /// The Service's own labels, and those by which slices are found.
  private var labels: [String: String] {
    var labels = service.labels
    labels[Self.serviceName] = service.name
    labels[Self.managedBy] = Self.manager
    labels[Self.headless] = service.spec["clusterIP"]?.string == "None" ? "" : nil
    return labels
  }
}

/// Endpoints with the same ports, put into the slices there are.
struct SlicePacking {
  /// Slices that stay, with what is in them then.
  private(set) var kept: [(slice: JSON, endpoints: [JSON])] = []
  /// Slices of which nothing is left.
  private(set) var empty: [JSON] = []
  /// The contents of new slices.
  private(set) var fresh: [[JSON]] = []

  private let slices: [JSON]
  private let endpoints: [JSON]

  init(_ slices: [JSON], endpoints: [JSON]) {
    self.slices = slices
    self.endpoints = endpoints
  }

  private static func identity(_ endpoint: JSON) -> String {
    "\(endpoint["targetRef"]?["uid"]?.string ?? "") \(endpoint["addresses"]?.items.first?.string ?? "")"
  }

  mutating func pack() {
    var remaining: [String: JSON] = [:]
    for endpoint in endpoints { remaining[Self.identity(endpoint)] = endpoint }
    var isChanged: [Bool] = []
    for slice in slices {
      let before = slice["endpoints"]?.items ?? []
      let after = before.compactMap { remaining.removeValue(forKey: Self.identity($0)) }
      kept.append((slice, after))
      isChanged.append(after != before)
    }
    var rest = endpoints.filter { remaining[Self.identity($0)] != nil }
    // Slices that are written anyway are filled first; then others, then new ones are made.
    for index in kept.indices where isChanged[index] { fill(index, from: &rest) }
    for index in kept.indices where !rest.isEmpty && !isChanged[index] { fill(index, from: &rest) }
    while !rest.isEmpty {
      fresh.append(Array(rest.prefix(EndpointSlicePlan.capacity)))
      rest.removeFirst(min(rest.count, EndpointSlicePlan.capacity))
    }
    empty = kept.filter(\.endpoints.isEmpty).map(\.slice)
    kept.removeAll(where: \.endpoints.isEmpty)
  }

  private mutating func fill(_ index: Int, from rest: inout [JSON]) {
    let room = EndpointSlicePlan.capacity - kept[index].endpoints.count
    guard room > 0 else { return }
    kept[index].endpoints += rest.prefix(room)
    rest.removeFirst(min(rest.count, room))
  }
}
