internal import ClusterModel
internal import Conntrack
internal import HashTreeCollections
internal import KubernetesAPI
internal import NetworkTypes
internal import PolicyPlan

/// Whose addresses are whose, and which policies are in force, as the node knows it at one moment. A value that shares what
/// it has in common with earlier ones.
struct FlowNames: Sendable {
  struct ServiceAddress: Hashable, Sendable {
    let address: IPAddress
    let transport: TransportProtocol
    let port: UInt16
  }

  struct NodePort: Hashable, Sendable {
    let transport: TransportProtocol
    let port: UInt16
  }

  let nodeName: String
  let nameServerAddresses: [IPAddress]
  private var podOfAddress: TreeDictionary<IPAddress, ObjectName> = [:]
  private var addressesOfPod: TreeDictionary<ObjectName, [IPAddress]> = [:]
  private var podOfUID: TreeDictionary<String, ObjectName> = [:]
  private var uidOfPod: TreeDictionary<ObjectName, String> = [:]
  private var nodeOfAddress: TreeDictionary<IPAddress, String> = [:]
  private var addressesOfNode: TreeDictionary<String, [IPAddress]> = [:]
  private var services: TreeDictionary<ServiceAddress, FlowService> = [:]
  private var nodePorts: TreeDictionary<NodePort, FlowService> = [:]
  private var addressesOfService: TreeDictionary<ObjectName, ([ServiceAddress], [NodePort])> = [:]
  /// Services with addresses of their own, by their endpoints'.
  private var servicesOfEndpoint: TreeDictionary<IPAddress, Set<ObjectName>> = [:]
  private var endpointsOfService: TreeDictionary<ObjectName, Set<IPAddress>> = [:]
  private var index = PolicyIndex()
  private(set) var judge: PolicyJudge
  let judgements = SharedJudgements()

  init(nodeName: String, nameServerAddresses: [IPAddress]) {
    self.nodeName = nodeName
    self.nameServerAddresses = nameServerAddresses
    judge = PolicyJudge(ClusterSnapshot(), nameServerAddresses: nameServerAddresses, index: index)
  }

  var snapshot: ClusterSnapshot { judge.snapshot }

  mutating func apply(_ update: ClusterUpdate) {
    let (snapshot, change) = (update.snapshot, update.change)
    for name in change.pods {
      for address in addressesOfPod[name] ?? [] where podOfAddress[address] == name { podOfAddress[address] = nil }
      addressesOfPod[name] = nil
      if let uid = uidOfPod[name] { podOfUID[uid] = nil }
      uidOfPod[name] = nil
    }
    for name in change.pods { put(snapshot.pods[name], name) }
    // The node knows its pods' addresses before the API does.
    for (address, uid) in snapshot.attachments {
      guard let name = podOfUID[uid], snapshot.pods[name]?.uid == uid, podOfAddress[address] != name else { continue }
      podOfAddress[address] = name
      addressesOfPod[name, default: []].append(address)
    }
    for name in change.nodes {
      for address in addressesOfNode[name] ?? [] where nodeOfAddress[address] == name { nodeOfAddress[address] = nil }
      addressesOfNode[name] = nil
    }
    for name in change.nodes {
      guard let node = snapshot.nodes[name] else { continue }
      addressesOfNode[name] = node.addresses
      for address in node.addresses { nodeOfAddress[address] = name }
    }
    for name in change.serviceObjects { put(snapshot.services[name], name) }
    for name in change.services { putEndpoints(snapshot, name) }
    for name in change.policies {
      if let policy = snapshot.policies[name] { index.put(policy) } else { index.remove(name) }
    }
    judge = PolicyJudge(snapshot, nameServerAddresses: nameServerAddresses, index: index)
  }

  private mutating func put(_ pod: PodModel?, _ name: ObjectName) {
    guard let pod, !pod.usesHostNetwork, !pod.hasFinished else { return }
    podOfUID[pod.uid] = name
    uidOfPod[name] = pod.uid
    addressesOfPod[name] = pod.addresses
    for address in pod.addresses { podOfAddress[address] = name }
  }

  private mutating func put(_ service: ServiceModel?, _ name: ObjectName) {
    let (oldAddresses, oldPorts) = addressesOfService[name] ?? ([], [])
    for address in oldAddresses where services[address]?.name == name { services[address] = nil }
    for port in oldPorts where nodePorts[port]?.name == name { nodePorts[port] = nil }
    addressesOfService[name] = nil
    guard let service else { return }
    var (addresses, ports) = ([ServiceAddress](), [NodePort]())
    for port in service.ports {
      let flow = FlowService(name, port: port.port)
      for address in service.clusterIPs + service.externalIPs + service.loadBalancerIPs {
        addresses.append(ServiceAddress(address: address, transport: port.transport, port: port.port))
        services[addresses[addresses.count - 1]] = flow
      }
      if let number = port.nodePort {
        ports.append(NodePort(transport: port.transport, port: number))
        nodePorts[ports[ports.count - 1]] = flow
      }
    }
    addressesOfService[name] = (addresses, ports)
  }
}

extension FlowNames {
  private mutating func putEndpoints(_ snapshot: ClusterSnapshot, _ name: ObjectName) {
    let isTranslated = snapshot.services[name].map { !$0.clusterIPs.isEmpty && !$0.isHeadless } ?? false
    let slices = isTranslated ? snapshot.endpointSlices(of: name) : []
    let (old, new) = (endpointsOfService[name] ?? [], Set(slices.flatMap { $0.endpoints.map(\.address) }))
    for address in old.subtracting(new) {
      servicesOfEndpoint[address]?.remove(name)
      if servicesOfEndpoint[address]?.isEmpty == true { servicesOfEndpoint[address] = nil }
    }
    for address in new.subtracting(old) { servicesOfEndpoint[address, default: []].insert(name) }
    endpointsOfService[name] = new.isEmpty ? nil : new
  }

  /// The Services that lead to an endpoint's port, by name.
  func services(leadingTo endpoint: SocketEndpoint, _ transport: TransportProtocol) -> [FlowService] {
    var found: [FlowService] = []
    for name in (servicesOfEndpoint[endpoint.address] ?? []).sorted() {
      let slices = snapshot.endpointSlices(of: name).filter { $0.endpoints.contains { $0.address == endpoint.address } }
      let names = Set(
        slices.flatMap(\.ports).filter { $0.transport == transport && $0.port == endpoint.port }.map(\.name))
      found += (snapshot.services[name]?.ports ?? [])
        .filter { $0.transport == transport && names.contains($0.name) }
        .map { FlowService(name, port: $0.port) }
    }
    return found
  }

  var nodeAddresses: Set<IPAddress> { Set(nodeOfAddress.keys) }

  func pod(at address: IPAddress) -> PodModel? { podOfAddress[address].flatMap { snapshot.pods[$0] } }

  func end(_ address: IPAddress, _ port: UInt16?) -> FlowEnd {
    if let pod = pod(at: address) { return FlowEnd(address, port, pod: pod.name, node: pod.nodeName) }
    // Each node answers itself.
    let isOwn = nameServerAddresses.contains(address) || address.isLoopback
    return FlowEnd(address, port, node: isOwn ? nodeName : nodeOfAddress[address])
  }

  func party(_ address: IPAddress) -> FlowParty {
    FlowParty(address, pod: nameServerAddresses.contains(address) ? judge.nameServer : pod(at: address))
  }

  func service(at endpoint: SocketEndpoint, _ transport: TransportProtocol) -> FlowService? {
    let key = ServiceAddress(address: endpoint.address, transport: transport, port: endpoint.port)
    if let service = services[key] { return service }
    return nodeOfAddress[endpoint.address].flatMap { _ in
      nodePorts[NodePort(transport: transport, port: endpoint.port)]
    }
  }

  func endpoints(of service: ObjectName) -> Set<IPAddress> {
    Set(snapshot.endpointSlices(of: service).flatMap { $0.endpoints.map(\.address) })
  }

  func endpoints(ofServicesIn block: CIDR) -> Set<IPAddress> {
    var found: Set<IPAddress> = []
    for service in snapshot.services.values {
      let addresses = service.clusterIPs + service.externalIPs + service.loadBalancerIPs
      if addresses.contains(where: block.contains) { found.formUnion(endpoints(of: service.name)) }
    }
    return found
  }
}
