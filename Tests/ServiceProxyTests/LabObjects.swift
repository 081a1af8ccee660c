import ClusterModel
import KubernetesAPI
import NetworkTypes
import ServiceProxy

/// A proxy that runs for as long as a test's body. One task uses it.
final class RunningProxy {
  private var iterator: AsyncStream<ServiceSync>.Iterator
  let metrics: ServiceProxyMetrics
  var first: ServiceSync?

  init(_ syncs: AsyncStream<ServiceSync>, _ metrics: ServiceProxyMetrics) {
    iterator = syncs.makeAsyncIterator()
    self.metrics = metrics
  }

  /// Waits for the next round of programming.
  @discardableResult
  func sync() async -> ServiceSync? { await iterator.next() }
}

func name(_ text: String) -> ObjectName { ObjectName(namespace: "default", name: text) }

func service(
  _ text: String, _ address: String = "10.96.0.20", ports: [ServiceModel.Port] = [.init(port: 80)],
  _ edit: (inout ServiceModel) -> Void = { _ in }
) -> ClusterEvent {
  service(text, IPAddress(address)!, ports: ports, edit)
}

func service(
  _ text: String, _ address: IPAddress, ports: [ServiceModel.Port] = bothProtocols,
  _ edit: (inout ServiceModel) -> Void = { _ in }
) -> ClusterEvent {
  var model = ServiceModel(name: name(text))
  model.clusterIPs = [address]
  model.ports = ports
  edit(&model)
  return .service(model)
}

/// A Service with the same port over TCP and UDP.
let bothProtocols: [ServiceModel.Port] = [
  .init(name: "t", transport: .tcp, port: 80), .init(name: "u", transport: .udp, port: 80),
]

/// The same with a node port.
func bothProtocols(nodePort: UInt16) -> [ServiceModel.Port] {
  bothProtocols.map { .init(name: $0.name, transport: $0.transport, port: $0.port, nodePort: nodePort) }
}

func slice(
  _ service: String, _ endpoints: [SocketEndpoint],
  _ edit: (inout EndpointSliceModel.Endpoint) -> Void = { _ in }
) -> ClusterEvent {
  var model = EndpointSliceModel(name: name(service))
  model.service = name(service)
  model.family = endpoints.first?.address.family ?? .v4
  let port = endpoints.first?.port ?? 8080
  model.ports = [.init(port: port)] + bothProtocols.map { .init(name: $0.name, transport: $0.transport, port: port) }
  model.endpoints = endpoints.map {
    var endpoint = EndpointSliceModel.Endpoint(address: $0.address)
    edit(&endpoint)
    return endpoint
  }
  return .endpointSlice(model)
}

func at(_ address: String, _ port: UInt16 = 80) -> SocketEndpoint { SocketEndpoint(IPAddress(address)!, port) }
