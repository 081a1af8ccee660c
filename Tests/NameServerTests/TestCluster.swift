import ClusterModel
import KubernetesAPI
import NamePlan
import NetworkTypes

/// A few Services, for a server to answer for.
enum TestCluster {
  static var configuration: NameConfiguration {
    var configuration = NameConfiguration()
    configuration.serverAddresses = [IPAddress(v4: 10, 96, 0, 10)]
    configuration.localBlocks = [CIDR("10.96.0.0/12")!, CIDR("10.244.0.0/16")!]
    return configuration
  }

  static var events: [ClusterEvent] {
    var web = ServiceModel(name: ObjectName(namespace: "shop", name: "web"))
    web.clusterIPs = [IPAddress(v4: 10, 96, 0, 7)]
    web.ports = [.init(name: "http", port: 80)]
    var far = ServiceModel(name: ObjectName(namespace: "shop", name: "far"))
    far.kind = .externalName
    far.externalName = "www.example.com"
    return [
      .namespace(NamespaceModel(name: "shop")), .service(web), .service(far), .service(headless("db")),
      .endpointSlice(slice("db", count: 3)), .service(headless("crowd")), .endpointSlice(slice("crowd", count: 200)),
    ]
  }

  static func index(_ events: [ClusterEvent] = events) -> NameIndex {
    var snapshot = ClusterSnapshot()
    var change = ClusterChange()
    for event in events { change.merge(snapshot.apply(event)) }
    var index = NameIndex(configuration)
    index.apply(change, of: snapshot)
    return index
  }

  static func many(_ count: Int, endpoints: Int) -> [ClusterEvent] {
    (0..<count).flatMap { number -> [ClusterEvent] in
      var service = ServiceModel(name: ObjectName(namespace: "shop", name: "service-\(number)"))
      service.clusterIPs = [IPAddress(v4: 10, 100, UInt8(number / 250), UInt8(number % 250))]
      service.ports = [.init(name: "http", port: 80)]
      return [.service(service), .endpointSlice(slice(service.name.name, count: endpoints, seed: number))]
    }
  }

  private static func headless(_ name: String) -> ServiceModel {
    var service = ServiceModel(name: ObjectName(namespace: "shop", name: name))
    service.isHeadless = true
    return service
  }

  private static func slice(_ service: String, count: Int, seed: Int = 0) -> EndpointSliceModel {
    var slice = EndpointSliceModel(name: ObjectName(namespace: "shop", name: "\(service)-1"))
    slice.service = ObjectName(namespace: "shop", name: service)
    slice.ports = [.init(name: "redis", port: 6379)]
    slice.endpoints = (0..<count).map { number in
      let value = UInt128(0x0af4_0000 + seed * count + number)
      var endpoint = EndpointSliceModel.Endpoint(address: IPAddress(family: .v4, value: value))
      if service == "db" { endpoint.hostname = "db-\(number)" }
      return endpoint
    }
    return slice
  }
}
