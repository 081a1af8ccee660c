package import ClusterModel
package import KubernetesAPI
package import NetworkTypes

/// What a load balancer outside asks each node about a Service whose traffic it keeps to its own endpoints.
package struct HealthCheck: Hashable, Sendable {
  package let service: ObjectName
  package let port: UInt16
  /// Ready endpoints on this node: of one family, which both have as many of where a Service has both.
  package let localEndpoints: Int

  /// `nil` for Services that have no such port.
  package init?(_ service: ServiceModel, slices: [EndpointSliceModel], node: String) {
    guard let port = service.healthCheckNodePort, !service.isLeftToOthers else { return nil }
    self.service = service.name
    self.port = port
    let counts = IPAddress.Family.allCases.map { family in
      let addresses = slices.filter { $0.family == family }.flatMap(\.endpoints)
        .filter { $0.isReady && $0.nodeName == node }.map(\.address)
      return Set(addresses).count
    }
    localEndpoints = counts.max() ?? 0
  }
}
