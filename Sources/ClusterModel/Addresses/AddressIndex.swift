internal import HashTreeCollections
internal import KubernetesAPI
internal import NetworkTypes

/// Who has an address, as part of a snapshot: kept event by event, so that nobody who wants to know looks through the
/// cluster. Each change costs as much as the object that changed is large, and as many as claim the same.
struct AddressIndex: Sendable {
  struct ServiceAddress: Hashable, Sendable {
    let endpoint: SocketEndpoint
    let transport: TransportProtocol
  }

  struct NodePort: Hashable, Sendable {
    let transport: TransportProtocol
    let port: UInt16
  }

  /// Pods that have an address of their own, by what the API says.
  private(set) var pods = Claims<IPAddress, ObjectName>()
  /// Those pods by UID, and those that are still to get an address.
  private(set) var podOfUID: TreeDictionary<String, ObjectName> = [:]
  private(set) var nodes = Claims<IPAddress, String>()
  /// Services by their cluster's, external and load balancer's addresses.
  private(set) var services = Claims<ServiceAddress, ObjectName>()
  private(set) var nodePorts = Claims<NodePort, ObjectName>()
  /// EndpointSlices by their endpoints.
  private(set) var slices = Claims<IPAddress, ObjectName>()

  /// A pod as it was and as it is now; both have the same name.
  mutating func replace(_ former: PodModel?, with pod: PodModel?) {
    guard let name = pod?.name ?? former?.name else { return }
    let (old, new) = (former.flatMap(Self.owner), pod.flatMap(Self.owner))
    guard let old, let new, old.uid == new.uid else {
      // Another pod of the same name has nothing of the one before.
      forget(old, name)
      if let new {
        podOfUID[new.uid] = name
        pods.replace([], with: Set(new.addresses), by: name)
      }
      return
    }
    if old.addresses != new.addresses { pods.replace(Set(old.addresses), with: Set(new.addresses), by: name) }
  }

  private mutating func forget(_ pod: PodModel?, _ name: ObjectName) {
    guard let pod else { return }
    if podOfUID[pod.uid] == name { podOfUID[pod.uid] = nil }
    pods.replace(Set(pod.addresses), with: [], by: name)
  }

  /// The pod, if it has addresses of its own: pods on the host's network are known by their node's, and those of pods that
  /// have finished may be others' by now.
  private static func owner(_ pod: PodModel) -> PodModel? { pod.usesHostNetwork || pod.hasFinished ? nil : pod }

  mutating func replace(_ former: NodeModel?, with node: NodeModel?) {
    guard let name = node?.name ?? former?.name, former?.addresses != node?.addresses else { return }
    nodes.replace(Set(former?.addresses ?? []), with: Set(node?.addresses ?? []), by: name)
  }

  mutating func replace(_ former: ServiceModel?, with service: ServiceModel?) {
    guard let name = service?.name ?? former?.name else { return }
    services.replace(former.map(Self.addresses) ?? [], with: service.map(Self.addresses) ?? [], by: name)
    nodePorts.replace(former.map(Self.nodePorts) ?? [], with: service.map(Self.nodePorts) ?? [], by: name)
  }

  private static func addresses(_ service: ServiceModel) -> Set<ServiceAddress> {
    Set(
      service.ports.flatMap { port in
        service.addresses.map { ServiceAddress(endpoint: SocketEndpoint($0, port.port), transport: port.transport) }
      })
  }

  private static func nodePorts(_ service: ServiceModel) -> Set<NodePort> {
    Set(service.ports.compactMap { port in port.nodePort.map { NodePort(transport: port.transport, port: $0) } })
  }

  mutating func replace(_ former: EndpointSliceModel?, with slice: EndpointSliceModel?) {
    guard let name = slice?.name ?? former?.name else { return }
    // Mostly an endpoint becomes ready, or stops being so.
    if let former, let slice, former.endpoints.lazy.map(\.address).elementsEqual(slice.endpoints.lazy.map(\.address)) {
      return
    }
    slices.replace(former.map(Self.endpoints) ?? [], with: slice.map(Self.endpoints) ?? [], by: name)
  }

  private static func endpoints(_ slice: EndpointSliceModel) -> Set<IPAddress> { Set(slice.endpoints.map(\.address)) }
}
