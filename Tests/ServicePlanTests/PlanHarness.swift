import ClusterModel
import HashTreeCollections
import KubernetesAPI
import NetworkTypes
import ServicePlan
import Testing

/// A cluster, its plan, and the table the plan's deltas have built so far.
struct PlanHarness {
  var snapshot = ClusterSnapshot()
  var plan: ServicePlan
  var table: ServiceTable
  private var hasStarted = false

  init(adopting table: ServiceTable = ServiceTable(), carriesSCTP: Bool = true, exempt: Set<IPAddress> = []) {
    self.table = table
    plan = ServicePlan(
      .init(nodeName: "node-1", carriesSCTP: carriesSCTP, exemptAddresses: exempt), adopting: table)
    var node = NodeModel(name: "node-1")
    node.addresses = [IPAddress("172.30.0.11")!]
    node.podCIDRs = [CIDR("10.244.1.0/24")!]
    _ = snapshot.apply(.node(node))
  }

  /// Applies the events and checks that the delta is one the kernel would take: nothing removed that is not there,
  /// nothing added over another value.
  @discardableResult
  mutating func apply(_ events: ClusterEvent..., sourceLocation: SourceLocation = #_sourceLocation) -> ServiceDelta {
    var change = ClusterChange()
    for event in events { change.merge(snapshot.apply(event)) }
    if !hasStarted {
      change.services = Set(snapshot.services.keys).union(snapshot.slices.keys)
      change.nodes = Set(snapshot.nodes.keys)
      change.pods = Set(snapshot.pods.keys)
    }
    let delta = plan.update(ClusterUpdate(snapshot: snapshot, change: change, isFirst: !hasStarted))
    hasStarted = true
    check(delta.services, against: table.services, sourceLocation)
    check(delta.insideServices, against: table.insideServices, sourceLocation)
    check(delta.guardedAddresses, against: table.guardedAddresses, sourceLocation)
    check(delta.slots, against: table.slots, sourceLocation)
    table.apply(delta)
    return delta
  }

  private func check<Key, Value: Equatable>(
    _ change: MapChange<Key, Value>, against map: [Key: Value], _ location: SourceLocation
  ) {
    #expect(Set(change.removed).count == change.removed.count, "removed twice", sourceLocation: location)
    #expect(Set(change.added.map(\.key)).count == change.added.count, "added twice", sourceLocation: location)
    for key in change.removed { #expect(map[key] != nil, "removes \(key)", sourceLocation: location) }
    for (key, _) in change.added {
      #expect(map[key] == nil || change.removed.contains(key), "adds over \(key)", sourceLocation: location)
    }
  }

  /// The endpoints the table leads an address to, in the order of their slots; `nil` where it holds no such address.
  func endpoints(_ address: ServiceAddress) -> [SocketEndpoint]? {
    guard let entry = table.services[address] else { return nil }
    return (0..<entry.backendClass.endpointCount).map {
      table.slots[ServiceSlot(id: entry.id, number: UInt32($0))]!
    }
  }
}

func serviceName(_ name: String) -> ObjectName { ObjectName(namespace: "default", name: name) }

func service(
  _ name: String, _ address: String = "10.96.0.20", ports: [ServiceModel.Port] = [.init(port: 80)],
  _ edit: (inout ServiceModel) -> Void = { _ in }
) -> ClusterEvent {
  var model = ServiceModel(name: serviceName(name))
  model.clusterIPs = [IPAddress(address)!]
  model.ports = ports
  edit(&model)
  return .service(model)
}

func slice(
  _ name: String, of service: String, _ addresses: [String], port: UInt16 = 8080,
  ports: [EndpointSliceModel.Port]? = nil, _ edit: (inout EndpointSliceModel.Endpoint) -> Void = { _ in }
) -> ClusterEvent {
  var model = EndpointSliceModel(name: serviceName(name))
  model.service = serviceName(service)
  model.ports = ports ?? [.init(port: port)]
  model.endpoints = addresses.map { text in
    var endpoint = EndpointSliceModel.Endpoint(address: IPAddress(text)!)
    edit(&endpoint)
    return endpoint
  }
  return .endpointSlice(model)
}

func tcp(_ address: String, _ port: UInt16 = 80) -> ServiceAddress { ServiceAddress(IPAddress(address)!, .tcp, port) }
func udp(_ address: String, _ port: UInt16 = 80) -> ServiceAddress { ServiceAddress(IPAddress(address)!, .udp, port) }
func at(_ address: String, _ port: UInt16 = 8080) -> SocketEndpoint { SocketEndpoint(IPAddress(address)!, port) }
