import JSONTree
import KubernetesAPI
import SwitchboardTesting
import Testing

/// Services that change their type: what the old type had goes, and traffic follows.
@Suite(.serialized) struct ClusterServiceTypeTests {
  private static let target = "web.\(ServiceScene.namespace).svc.cluster.local"

  @Test func aClusterAddressBecomesAnExternalNameAndBack() throws {
    let scene = try ServiceScene.standing()
    try scene.with(Manifest.service("turning", app: "web")) {
      let first = try scene.clusterAddress("turning")
      try scene.expect(ServiceScene.all, at: "\(first):80", from: .client(1))
      try scene.patch(
        "service/turning", "{\"spec\": {\"type\": \"ExternalName\", \"externalName\": \"\(Self.target)\"}}")
      let spec = try scene.object("service/turning").spec
      for member in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
        #expect(spec[member] == nil, "\(member)")
      }
      #expect(try scene.slices(of: "turning") { $0.isEmpty }.isEmpty)
      try scene.expect(["refused"], at: "\(first):80", from: .client(1))
      // Nothing of its own is left: the name is another's, and so are the addresses.
      let name = try scene.run(.client(1), "nslookup -type=cname turning.\(ServiceScene.namespace).svc.cluster.local")
      #expect(name.contains("canonical name = \(Self.target)"))
      try scene.expect(ServiceScene.all, at: "turning:80", from: .client(1))

      try scene.patch("service/turning", "{\"spec\": {\"type\": \"ClusterIP\", \"externalName\": null}}")
      let second = try scene.clusterAddress("turning")
      try #require(second.hasPrefix("10."))
      #expect(try scene.object("service/turning").spec["externalName"] == nil)
      try scene.expect(ServiceScene.all, at: "\(second):80", from: .client(1))
      try scene.expect(ServiceScene.all, at: "turning:80", from: .client(2))
    }
  }

  @Test func aNodePortBecomesAnExternalNameAndBack() throws {
    let scene = try ServiceScene.standing()
    func ports() throws -> [JSON?] {
      (try scene.object("service/turning").spec["ports"]?.items ?? []).map { $0["nodePort"] }
    }
    try scene.with(
      Manifest.service("turning", app: "web", spec: "  type: NodePort\n  externalTrafficPolicy: Local")
    ) {
      let port = try #require(try ports()[0]?.int)
      try scene.expect(["web-2"], at: "172.30.0.12:\(port)", from: .outside, source: "172.30.0.1")
      try scene.patch(
        "service/turning", "{\"spec\": {\"type\": \"ExternalName\", \"externalName\": \"\(Self.target)\"}}")
      #expect(try ports() == [nil, nil])
      let spec = try scene.object("service/turning").spec
      #expect(spec["externalTrafficPolicy"] == nil && spec["clusterIP"] == nil)
      try scene.expect(["refused"], at: "172.30.0.12:\(port)", from: .outside)
      try scene.expect(ServiceScene.all, at: "turning:80", from: .client(3))

      try scene.patch("service/turning", "{\"spec\": {\"type\": \"NodePort\", \"externalName\": null}}")
      let next = try #require(try ports()[0]?.int)
      #expect(try scene.field("service/turning", ".spec.externalTrafficPolicy") == "Cluster")
      try scene.expect(ServiceScene.all, at: "172.30.0.12:\(next)", from: .outside)
      try scene.expect(ServiceScene.all, at: "turning:80", from: .client(3))
    }
  }

  @Test func aLoadBalancerGivesUpWhatOtherTypesDoNotHave() throws {
    let scene = try ServiceScene.standing()
    let spec = "  type: LoadBalancer\n  externalTrafficPolicy: Local"
    try scene.with(Manifest.service("turning", selector: "pod: web-2", spec: spec)) {
      let address = try scene.balancedAddress("turning")
      let clusterAddress = try scene.clusterAddress("turning")
      let port = try scene.field("service/turning", ".spec.ports[0].nodePort")
      let healthPort = try scene.field("service/turning", ".spec.healthCheckNodePort")
      try scene.expect(["web-2"], at: "\(address):80", from: .outside, source: "172.30.0.1")

      // The node port and the policy stay; the load balancer goes.
      try scene.patch("service/turning", "{\"spec\": {\"type\": \"NodePort\"}}")
      var service = try scene.object("service/turning")
      #expect(service.spec["ports"]?.items.first?["nodePort"]?.int == Int64(port))
      #expect(service.spec["externalTrafficPolicy"] == "Local")
      for member in ["healthCheckNodePort", "allocateLoadBalancerNodePorts"] { #expect(service.spec[member] == nil) }
      #expect(service.status["loadBalancer"] == [:])
      service = try scene.object("service/turning") { $0["metadata"]?["finalizers"] == nil }
      #expect(service["metadata"]?["finalizers"] == nil)
      try scene.expect(["silence"], at: "\(address):80", from: .client(1))
      try scene.expect(["refused"], at: "172.30.0.12:\(healthPort)", from: .outside)
      try scene.expect(["web-2"], at: "172.30.0.12:\(port)", from: .outside, source: "172.30.0.1")

      try scene.patch("service/turning", "{\"spec\": {\"type\": \"ClusterIP\"}}")
      service = try scene.object("service/turning")
      #expect(service.spec["externalTrafficPolicy"] == nil)
      #expect(service.spec["ports"]?.items.first?["nodePort"] == nil)
      try scene.expect(["refused"], at: "172.30.0.12:\(port)", from: .outside)
      #expect(try scene.clusterAddress("turning") == clusterAddress)
      try scene.expect(["web-2"], at: "\(clusterAddress):80", from: .client(1))

      try scene.patch("service/turning", "{\"spec\": {\"type\": \"LoadBalancer\"}}")
      try scene.expect(["web-2"], at: "\(try scene.balancedAddress("turning")):80", from: .outside)
    }
  }
}
