internal import ClusterModel
internal import Conntrack
internal import HashTreeCollections
internal import KubernetesAPI
internal import NetworkTypes
internal import PolicyPlan

/// Whose addresses are whose, and which policies are in force, as the node knows it at one moment. A value that shares what
/// it has in common with earlier ones.
struct FlowNames: Sendable {
  let nodeName: String
  let nameServerAddresses: [IPAddress]
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
    for name in update.change.policies { index.put(update.snapshot.policies[name], at: name) }
    judge = PolicyJudge(update.snapshot, nameServerAddresses: nameServerAddresses, index: index)
  }
}

extension FlowNames {
  func end(_ address: IPAddress, _ port: UInt16?) -> FlowEnd {
    if let pod = snapshot.pod(at: address) { return FlowEnd(address, port, pod: pod.name, node: pod.nodeName) }
    // Each node answers itself.
    let isOwn = nameServerAddresses.contains(address) || address.isLoopback
    return FlowEnd(address, port, node: isOwn ? nodeName : snapshot.node(at: address)?.name)
  }

  func service(at endpoint: SocketEndpoint, _ transport: TransportProtocol) -> FlowService? {
    snapshot.service(at: endpoint, transport).map { FlowService($0.service.name, port: $0.port) }
  }

  /// The Services with addresses of their own that lead to an endpoint's port, by name.
  func services(leadingTo endpoint: SocketEndpoint, _ transport: TransportProtocol) -> [FlowService] {
    var portNames: [ObjectName: Set<String>] = [:]
    for slice in snapshot.endpointSlices(at: endpoint.address) {
      guard let service = slice.service else { continue }
      for port in slice.ports where port.transport == transport && port.port == endpoint.port {
        portNames[service, default: []].insert(port.name)
      }
    }
    return portNames.sorted { $0.key < $1.key }.flatMap { name, portNames -> [FlowService] in
      guard let service = snapshot.services[name], !service.clusterIPs.isEmpty, !service.isHeadless else { return [] }
      return service.ports.filter { $0.transport == transport && portNames.contains($0.name) }
        .map { FlowService(name, port: $0.port) }
    }
  }
}
