import JSONTree
import KubernetesAPI
import SwitchboardTesting
import Testing

/// The ports of Services.
@Suite(.serialized) struct ClusterServicePortTests {
  @Test func severalPortsAndOneNumberOverTwoTransports() throws {
    let scene = try ServiceScene.standing()
    let service = """
      apiVersion: v1
      kind: Service
      metadata: {name: several}
      spec:
        selector: {app: web}
        ports:
        - {name: first, port: 80, targetPort: 8080, appProtocol: kubernetes.io/h2c}
        - {name: second, port: 81, targetPort: 8081, appProtocol: example.com/own}
        - {name: datagrams, port: 80, targetPort: 8080, protocol: UDP}
        - {name: streams, port: 80, targetPort: 8080, protocol: SCTP}
      """
    try scene.with(service) {
      let address = try scene.clusterAddress("several")
      let source = try scene.podAddress("client-1")
      // Whoever answers sees the client's own address.
      try scene.expect(ServiceScene.all, at: "\(address):80", from: .client(1), source: source)
      try scene.expect(
        Set(ServiceScene.all.map { "second-\($0)" }), at: "\(address):81", from: .client(1), source: source)
      try scene.expect(ServiceScene.all, at: "\(address):80", from: .client(1), source: source, over: .udp)
      try scene.expect(["refused"], at: "\(address):81", from: .client(1), over: .udp)
      try scene.expect(["refused"], at: "\(address):82", from: .client(1))
      let slices = try scene.slices(of: "several") { !$0.isEmpty }
      let ports = Set(slices.first?["ports"]?.items ?? [])
      #expect(
        ports == [
          ["name": "first", "port": 8080, "protocol": "TCP", "appProtocol": "kubernetes.io/h2c"],
          ["name": "second", "port": 8081, "protocol": "TCP", "appProtocol": "example.com/own"],
          ["name": "datagrams", "port": 8080, "protocol": "UDP"],
          // The kernel may have no such sockets; the object is in order all the same.
          ["name": "streams", "port": 8080, "protocol": "SCTP"],
        ])
    }
  }

  /// A pod whose container `main` and whose sidecar have ports of their own, and which tells its name at one of them.
  private static func named(_ name: String, main: String, sidecar: String, listening port: Int) -> String {
    """
    apiVersion: v1
    kind: Pod
    metadata: {name: \(name), labels: {app: mapped}}
    spec:
      terminationGracePeriodSeconds: 0
      initContainers:
      - name: sidecar
        image: switchboard/busybox:1
        restartPolicy: Always
        command: [socat, "TCP4-LISTEN:\(port),fork,reuseaddr", "SYSTEM:echo \(name) $SOCAT_PEERADDR"]
        ports: [\(sidecar)]
      containers:
      - name: main
        image: switchboard/busybox:1
        command: [sleep, "86400"]
        ports: [\(main)]
        readinessProbe: {tcpSocket: {port: \(port)}, periodSeconds: 1}
    """
  }

  @Test func aNameOfAPortIsWhatEachPodSaysItIs() throws {
    let scene = try ServiceScene.standing()
    let service = """
      apiVersion: v1
      kind: Service
      metadata: {name: mapped}
      spec: {selector: {app: mapped}, ports: [{name: http, port: 80, targetPort: tell}]}
      """
    try scene.with(
      Self.named("of-main", main: "{name: tell, containerPort: 9001}", sidecar: "", listening: 9001),
      Self.named(
        "of-sidecar", main: "{name: other, containerPort: 9001}", sidecar: "{name: tell, containerPort: 9002}",
        listening: 9002),
      // The name is there, for another protocol.
      Self.named(
        "of-none", main: "{name: tell, containerPort: 9001, protocol: UDP}", sidecar: "", listening: 9001), service
    ) {
      try scene.ready("of-main", "of-sidecar", "of-none")
      try scene.expect(["of-main", "of-sidecar"], at: "mapped:80", from: .client(2))
      let slices = try scene.slices(of: "mapped") { $0.count == 3 }
      var ports: [String: [Int64?]] = [:]
      for slice in slices {
        for endpoint in slice["endpoints"]?.items ?? [] {
          ports[endpoint["targetRef"]?["name"]?.string ?? ""] = (slice["ports"]?.items ?? []).map { $0["port"]?.int }
        }
      }
      #expect(ports == ["of-main": [9001], "of-sidecar": [9002], "of-none": []])
    }
  }

  // MARK: Node ports

  private static func nodePort(_ name: String, _ port: Int) -> String {
    """
    apiVersion: v1
    kind: Service
    metadata: {name: \(name)}
    spec:
      type: NodePort
      selector: {app: web}
      ports: [{port: 80, targetPort: 8080, nodePort: \(port)}]
    """
  }

  @Test func everyNodeAnswersOnANodePort() throws {
    let scene = try ServiceScene.standing()
    try scene.with(Self.nodePort("ported", 31080)) {
      for node in 1...3 {
        let target = "172.30.0.1\(node):31080"
        for asker in [ServiceScene.Asker.outside, .client(1), .host(2)] {
          try scene.expect(ServiceScene.all, at: target, from: asker)
        }
        // Where the endpoint is elsewhere, its answer has to come back through the node that was asked.
        let seen = Set(
          try scene.run(.outside, "for i in $(seq 12); do socat -T 2 -u TCP4:\(target) - | cut -d' ' -f2; done")
            .split(separator: "\n").map(String.init))
        #expect(!seen.contains("172.30.0.1"))
      }
      // As with upstream's nftables rules, node ports are at the nodes' addresses and not at 127.0.0.1.
      try scene.expect(["refused"], at: "127.0.0.1:31080", from: .host(1))
    }
  }

  @Test func aNodePortIsOneServicesAndFreeAfterIt() throws {
    let scene = try ServiceScene.standing()
    try scene.with(Self.nodePort("holder", 31090)) {
      let taken = try scene.refusal(of: Self.nodePort("second", 31090))
      #expect(
        taken.contains(
          "The Service \"second\" is invalid: spec.ports[0].nodePort: Invalid value: 31090: provided port is already "
            + "allocated"), "\(taken)")
      let outside = try scene.refusal(of: Self.nodePort("second", 29999))
      #expect(
        outside.contains(
          "spec.ports[0].nodePort: Invalid value: 29999: provided port is not in the valid range. "
            + "The range of valid ports is 30000-32767"), "\(outside)")
      try scene.kubectl("delete", "service", "holder")
      try scene.expect(["refused"], at: "172.30.0.11:31090", from: .host(3))
      try scene.with(Self.nodePort("second", 31090)) {
        try scene.expect(ServiceScene.all, at: "172.30.0.11:31090", from: .host(3))
      }
    }
  }
}
