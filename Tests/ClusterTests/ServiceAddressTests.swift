import JSONTree
import KubernetesAPI
import SwitchboardTesting
import Testing

/// The addresses that Services have in the cluster, and those that people give them.
@Suite(.serialized) struct ClusterServiceAddressTests {
  @Test func anAddressAskedForIsOneServicesAndStays() throws {
    let scene = try ServiceScene.standing()
    func service(_ name: String, _ address: String) -> String {
      Manifest.service(name, app: "web", spec: "  clusterIP: \(address)")
    }
    try scene.with(service("chosen", "10.96.0.77")) {
      try scene.expect(ServiceScene.all, at: "10.96.0.77:80", from: .client(3))
      let record = try scene.object("ipaddress/10.96.0.77").spec["parentRef"]
      #expect(record == ["resource": "services", "namespace": .string(ServiceScene.namespace), "name": "chosen"])
      for (address, reason) in [
        ("10.96.0.77", "provided IP is already allocated"),
        ("10.202.0.77", "the provided network does not match the current range"),
      ] {
        let said = try scene.refusal(of: service("second", address))
        #expect(
          said.contains(
            "The Service \"second\" is invalid: spec.clusterIPs: Invalid value: [\"\(address)\"]: "
              + "failed to allocate IP \(address): \(reason)"), "\(said)")
      }
      let said = try scene.refusal(of: service("chosen", "10.96.0.78"))
      #expect(said.contains("may not change once set"), "\(said)")
      try scene.kubectl("delete", "service", "chosen")
      #expect(try scene.kubectl("get", "ipaddress", "10.96.0.77", "--ignore-not-found").isEmpty)
      try scene.expect(["refused"], at: "10.96.0.77:80", from: .client(3))
    }
  }

  @Test func aRangeThatIsAddedGivesAddressesAtOnce() throws {
    let scene = try ServiceScene.standing()
    let range = """
      apiVersion: networking.k8s.io/v1
      kind: ServiceCIDR
      metadata: {name: added}
      spec: {cidrs: [10.201.0.0/24]}
      """
    try scene.with(range) {
      try scene.kubectl("wait", "servicecidr/added", "--for=condition=Ready", "--timeout=20s")
      try scene.with(Manifest.service("beyond", app: "web", spec: "  clusterIP: 10.201.0.9")) {
        let source = try scene.podAddress("client-2")
        try scene.expect(ServiceScene.all, at: "10.201.0.9:80", from: .client(2), source: source)
        try scene.expect(ServiceScene.all, at: "beyond:80", from: .client(2), source: source, over: .udp)
        // Processes on the nodes' own network have a way there too, and what no Service has is refused to everybody.
        try scene.expect(ServiceScene.all, at: "10.201.0.9:80", from: .host(3))
        for asker in [ServiceScene.Asker.host(1), .client(2)] {
          try scene.expect(["refused"], at: "10.201.0.10:80", from: asker)
        }
        // It is kept while somebody has an address of it.
        try scene.kubectl("delete", "servicecidr", "added", "--wait=false")
        try scene.kubectl(
          "wait", "servicecidr/added", "--for=jsonpath={.status.conditions[?(@.type==\"Ready\")].status}=False",
          "--timeout=20s")
        try scene.expect(ServiceScene.all, at: "10.201.0.9:80", from: .client(2))
      }
      try scene.kubectl("wait", "servicecidr/added", "--for=delete", "--timeout=60s")
      // Nothing of the cluster is there any more.
      try scene.expect(["silence"], at: "10.201.0.10:80", from: .host(1))
    }
  }

  @Test func nodesTakeTheAddressesThatPeopleNameForThem() throws {
    let scene = try ServiceScene.standing()
    // One on the nodes' link that nobody has, and one that whoever is outside has to be told the way to.
    let service = Manifest.service("external", app: "web", spec: "  externalIPs: [172.30.0.180, 192.0.2.10]")
    let said = try scene.kubectl("apply", "-f", "-", input: service)
    #expect(
      said.contains("Warning: spec.externalIPs is deprecated and may no longer be implemented in some clusters"))
    defer { _ = try? scene.kubectl("delete", "service", "external") }
    try scene.expect(ServiceScene.all, at: "172.30.0.180:80", from: .host(1))
    try scene.expect(ServiceScene.all, at: "172.30.0.180:80", from: .client(2))
    try scene.expect(ServiceScene.all, at: "192.0.2.10:80", from: .client(3))
    try scene.expect(ServiceScene.all, at: "192.0.2.10:80", from: .client(3), over: .udp)
    try scene.lab.shell("ip route replace 192.0.2.10/32 via 172.30.0.12")
    defer { _ = try? scene.lab.shell("ip route del 192.0.2.10/32") }
    try scene.expect(ServiceScene.all, at: "192.0.2.10:80", from: .outside)
    // With the policy that keeps traffic on the node that it came to, whoever answers sees who asks.
    try scene.patch("service/external", "{\"spec\": {\"externalTrafficPolicy\": \"Local\"}}")
    try scene.expect(["web-2"], at: "192.0.2.10:80", from: .outside, source: "172.30.0.1")
    try scene.patch("service/external", "{\"spec\": {\"externalIPs\": [\"172.30.0.180\"]}}")
    try scene.expect(["silence"], at: "192.0.2.10:80", from: .outside)
  }
}
