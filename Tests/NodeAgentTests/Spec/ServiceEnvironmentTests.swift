import ClusterModel
import JSONTree
import KubernetesAPI
import Testing

@testable import NodeAgent

@Suite struct ServiceEnvironmentTests {
  private func service(
    _ name: String, _ namespace: String = "default", address: String = "10.96.0.7", ports: JSON = [["port": 80]]
  ) -> ServiceModel {
    ServiceModel(
      object: [
        "metadata": ["name": .string(name), "namespace": .string(namespace)],
        "spec": ["clusterIP": .string(address), "ports": ports],
      ])
  }

  private func names(_ services: [ServiceModel], namespace: String = "default", all: Bool = true) -> Set<String> {
    Set(
      ServiceEnvironment.variables(services: services, namespace: namespace, includesAll: all)
        .map(\.name).filter { $0.hasSuffix("_SERVICE_HOST") })
  }

  @Test func theFormIsThatOfLinks() {
    let ports: JSON = [
      ["name": "client-v1", "port": 6379, "protocol": "TCP"], ["port": 53, "protocol": "UDP"],
    ]
    let found = ServiceEnvironment.variables(
      services: [service("redis-main", address: "fd00::7", ports: ports)], namespace: "default", includesAll: true)
    #expect(
      found.map { "\($0.name)=\($0.value)" } == [
        "REDIS_MAIN_SERVICE_HOST=fd00::7", "REDIS_MAIN_SERVICE_PORT=6379",
        "REDIS_MAIN_SERVICE_PORT_CLIENT_V1=6379", "REDIS_MAIN_PORT=tcp://[fd00::7]:6379",
        "REDIS_MAIN_PORT_6379_TCP=tcp://[fd00::7]:6379", "REDIS_MAIN_PORT_6379_TCP_PROTO=tcp",
        "REDIS_MAIN_PORT_6379_TCP_PORT=6379", "REDIS_MAIN_PORT_6379_TCP_ADDR=fd00::7",
        "REDIS_MAIN_PORT_53_UDP=udp://[fd00::7]:53", "REDIS_MAIN_PORT_53_UDP_PROTO=udp",
        "REDIS_MAIN_PORT_53_UDP_PORT=53", "REDIS_MAIN_PORT_53_UDP_ADDR=fd00::7",
      ])
  }

  @Test func onlyTheNamespacesServicesAndTheAPIServersAreTold() {
    let services = [
      service("kubernetes"), service("a", "shop"), service("b", "other"), service("c", "shop", address: "None"),
    ]
    #expect(names(services, namespace: "shop") == ["A_SERVICE_HOST", "KUBERNETES_SERVICE_HOST"])
    #expect(names(services, namespace: "shop", all: false) == ["KUBERNETES_SERVICE_HOST"])
    #expect(names(services) == ["KUBERNETES_SERVICE_HOST"])
    // A namespace's own Service of that name goes first.
    #expect(
      names([service("kubernetes"), service("kubernetes", "shop", address: "10.96.0.9")], namespace: "shop").count == 1)
  }

  @Test func theyComeFromTheModelOfTheCluster() {
    var snapshot = ClusterSnapshot()
    for model in [service("kubernetes"), service("a", "shop"), service("b", "other"), service("kubernetes", "other")] {
      _ = snapshot.apply(.service(model))
    }
    #expect(
      Set(ServiceEnvironment.services(in: snapshot, of: "shop").map(\.name)) == [
        ObjectName(namespace: "default", name: "kubernetes"), ObjectName(namespace: "shop", name: "a"),
      ])
  }
}
