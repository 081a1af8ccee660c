import JSONTree
import KubernetesAPI
import SwitchboardTesting
import Testing

/// What a load balancer's fields say, and labels that leave a Service to others.
@Suite(.serialized) struct ClusterServiceExposureTests {
  @Test func onlyTheNamedMayUseALoadBalancersAddress() throws {
    let scene = try ServiceScene.standing()
    let allowed = try scene.podAddress("client-1")
    let spec = "  type: LoadBalancer\n  loadBalancerSourceRanges: [\(allowed)/32]"
    try scene.with(Manifest.service("guarded", app: "web", spec: spec)) {
      let address = try scene.balancedAddress("guarded")
      try scene.expect(ServiceScene.all, at: "\(address):80", from: .client(1))
      try scene.expect(["silence"], at: "\(address):80", from: .client(2))
      try scene.expect(["silence"], at: "\(address):80", from: .outside)
      try scene.expect(["silence"], at: "\(address):80", from: .client(2), over: .udp)
      // It is about that address alone.
      try scene.expect(ServiceScene.all, at: "\(try scene.clusterAddress("guarded")):80", from: .client(2))
      let port = try scene.field("service/guarded", ".spec.ports[0].nodePort")
      try scene.expect(ServiceScene.all, at: "172.30.0.11:\(port)", from: .outside)
      try scene.patch("service/guarded", "{\"spec\": {\"loadBalancerSourceRanges\": [\"172.30.0.0/24\"]}}")
      try scene.expect(ServiceScene.all, at: "\(address):80", from: .outside)
      try scene.expect(["silence"], at: "\(address):80", from: .client(1))
      try scene.patch("service/guarded", "{\"spec\": {\"loadBalancerSourceRanges\": null}}")
      try scene.expect(ServiceScene.all, at: "\(address):80", from: .client(2))
    }
  }

  @Test func aLoadBalancerOfAnotherClassIsSomebodyElses() throws {
    let scene = try ServiceScene.standing()
    func setStatus(_ ingress: String) throws {
      try scene.kubectl(
        "patch", "service/foreign", "--subresource=status", "--type=merge", "-p",
        "{\"status\": {\"loadBalancer\": {\"ingress\": \(ingress)}}}")
    }
    let spec = "  type: LoadBalancer\n  loadBalancerClass: example.com/other"
    try scene.with(
      Manifest.service("foreign", app: "web", spec: spec),
      Manifest.service("own", app: "web", spec: "  type: LoadBalancer")
    ) {
      // Ours got its address after the other one was seen.
      _ = try scene.balancedAddress("own")
      let service = try scene.object("service/foreign")
      #expect(service.status["loadBalancer"] == [:])
      #expect(service["metadata"]?["finalizers"] == nil)
      // Its node port works nevertheless, and so does whatever address the other gives it.
      let port = try scene.field("service/foreign", ".spec.ports[0].nodePort")
      try scene.expect(ServiceScene.all, at: "172.30.0.13:\(port)", from: .outside)
      try setStatus("[{\"ip\": \"192.0.2.20\"}]")
      #expect(try scene.field("service/foreign", ".status.loadBalancer.ingress[0].ipMode") == "VIP")
      try scene.expect(ServiceScene.all, at: "192.0.2.20:80", from: .client(1))
      // Clients inside are to go by way of a balancer that is a proxy: nodes do not answer in its place.
      try setStatus("[{\"ip\": \"192.0.2.20\", \"ipMode\": \"Proxy\"}]")
      try scene.expect(["silence"], at: "192.0.2.20:80", from: .client(1))
      try setStatus("[{\"ip\": \"192.0.2.20\", \"ipMode\": \"VIP\"}]")
      try scene.expect(ServiceScene.all, at: "192.0.2.20:80", from: .client(1))
    }
  }

  @Test func aLoadBalancerHasTheAddressAskedForAndNoNodePortsIfToldSo() throws {
    let scene = try ServiceScene.standing()
    let ports = """
      apiVersion: v1
      kind: Service
      metadata: {name: portless}
      spec:
        type: LoadBalancer
        allocateLoadBalancerNodePorts: false
        loadBalancerIP: 172.30.0.233
        selector: {app: web}
        ports:
        - {name: without, port: 80, targetPort: 8080}
        - {name: with, port: 81, targetPort: 8081, nodePort: 31181}
      """
    try scene.with(ports) {
      let address = try scene.balancedAddress("portless")
      #expect(address == "172.30.0.233")
      let given = (try scene.object("service/portless").spec["ports"]?.items ?? []).map { $0["nodePort"]?.int }
      #expect(given == [nil, 31181])
      try scene.expect(ServiceScene.all, at: "\(address):80", from: .outside)
      try scene.expect(["second-web-1", "second-web-2", "second-web-3"], at: "172.30.0.12:31181", from: .outside)
    }
  }

  @Test func labelsLeaveAServiceToAnotherProxyAndGiveItBack() throws {
    let scene = try ServiceScene.standing()
    try scene.with(Manifest.service("labelled", app: "web", spec: "  type: NodePort")) {
      let inside = "\(try scene.clusterAddress("labelled")):80"
      let outside = "172.30.0.12:\(try scene.field("service/labelled", ".spec.ports[0].nodePort"))"
      for label in ["service.kubernetes.io/service-proxy-name=other", "service.kubernetes.io/headless="] {
        try scene.expect(ServiceScene.all, at: inside, from: .client(1))
        try scene.expect(ServiceScene.all, at: outside, from: .outside)
        try scene.kubectl("label", "service", "labelled", label)
        // It is not refused either: another proxy is to find its packets.
        for asker in [ServiceScene.Asker.client(1), .host(2)] { try scene.expect(["silence"], at: inside, from: asker) }
        try scene.expect(["refused"], at: outside, from: .outside)
        // Whoever serves it instead has its endpoints.
        #expect(try scene.slices(of: "labelled").flatMap { $0["endpoints"]?.items ?? [] }.count == 3)
        let name = label.prefix { $0 != "=" }
        try scene.kubectl("label", "service", "labelled", "\(name)-")
      }
      try scene.expect(ServiceScene.all, at: inside, from: .client(1))
      try scene.expect(ServiceScene.all, at: outside, from: .outside)
    }
  }

  @Test func podsAreToldOfServicesUnlessTheyWouldNot() throws {
    let scene = try ServiceScene.standing()
    func pod(_ name: String, _ links: Bool) -> String {
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: \(name)}
      spec:
        terminationGracePeriodSeconds: 0
        enableServiceLinks: \(links)
        containers: [{name: main, image: "switchboard/busybox:1", command: [sleep, "86400"]}]
      """
    }
    try scene.with(pod("told", true), pod("untold", false)) {
      try scene.ready("told", "untold")
      func variables(_ pod: String) throws -> Set<String> {
        Set(try scene.run(.pod(pod), "env").split(separator: "\n").map(String.init))
      }
      let address = try scene.clusterAddress("web")
      let links: Set<String> = [
        "WEB_SERVICE_HOST=\(address)", "WEB_SERVICE_PORT=80", "WEB_SERVICE_PORT_HTTP=80", "WEB_SERVICE_PORT_UDP=80",
        "WEB_PORT=tcp://\(address):80", "WEB_PORT_80_TCP=tcp://\(address):80", "WEB_PORT_80_TCP_PROTO=tcp",
        "WEB_PORT_80_TCP_PORT=80", "WEB_PORT_80_TCP_ADDR=\(address)", "WEB_PORT_80_UDP=udp://\(address):80",
      ]
      let (told, untold) = (try variables("told"), try variables("untold"))
      #expect(links.isSubset(of: told), "\(links.subtracting(told))")
      #expect(untold.allSatisfy { !$0.hasPrefix("WEB_") })
      // The API is everybody's.
      #expect([told, untold].allSatisfy { $0.contains("KUBERNETES_SERVICE_HOST=10.96.0.1") })
      let answer = try scene.run(.pod("told"), "socat -T 2 -u TCP4:$WEB_SERVICE_HOST:$WEB_SERVICE_PORT -")
      #expect(ServiceScene.all.contains(answer.split(separator: " ").first.map(String.init) ?? ""))
    }
  }
}
