internal import HashTreeCollections
internal import KubernetesAPI
package import NetworkTypes

/// Whose an address is at this moment. None of this looks through the cluster.
///
/// Where several claim the same, it is the latest one's, and the earlier one's again when that one goes.
extension ClusterSnapshot {
  /// The pod with this address of its own. On this node the network decides, which knows its pods' addresses before the API
  /// does: an address that is attached to a pod the API has not told of is no other pod's.
  ///
  /// Pods on their node's network and pods that have finished have none.
  package func pod(at address: IPAddress) -> PodModel? {
    if attachments[address] != nil { return attachedPod(at: address) }
    return addresses.pods[address].flatMap { pods[$0] }
  }

  /// The pod of this node that the address is attached to; `nil` also where the API has not told of that pod yet.
  package func attachedPod(at address: IPAddress) -> PodModel? {
    attachments[address].flatMap { addresses.podOfUID[$0] }.flatMap { pods[$0] }
  }

  /// The node with this address (`status.addresses` of type InternalIP).
  package func node(at address: IPAddress) -> NodeModel? { addresses.nodes[address].flatMap { nodes[$0] } }

  /// The Service, and its port, that the address and port belong to: its cluster's, external or load balancer's address, or
  /// a node's with a node port.
  package func service(
    at endpoint: SocketEndpoint, _ transport: TransportProtocol
  ) -> (
    service: ServiceModel, port: UInt16
  )? {
    let key = AddressIndex.ServiceAddress(endpoint: endpoint, transport: transport)
    if let service = addresses.services[key].flatMap({ services[$0] }) { return (service, endpoint.port) }
    let nodePort = AddressIndex.NodePort(transport: transport, port: endpoint.port)
    guard node(at: endpoint.address) != nil, let service = addresses.nodePorts[nodePort].flatMap({ services[$0] }),
      let port = service.ports.first(where: { $0.transport == transport && $0.nodePort == endpoint.port })
    else { return nil }
    return (service, port.port)
  }

  /// The EndpointSlices of Services that the address is an endpoint of, by name.
  package func endpointSlices(at address: IPAddress) -> [EndpointSliceModel] {
    addresses.slices.all(address).sorted().compactMap { name in
      serviceOfSlice[name].flatMap { slices[$0]?[name.name] }
    }
  }
}
