import JSONTree
import NetworkTypes
import SwitchboardTesting
import Testing

/// Clusters that have addresses of both families, and one of IPv6 alone.
@Suite(.serialized) struct ClusterDualStackTests {
  private static let both = Result {
    try LabSession(nodes: 3, images: ["busybox"], arguments: ["--ip-family", "dual"])
  }

  @Test func nodesAndPodsTellTheirAddresses() throws {
    let lab = try Self.both.get()
    let node = try Self.object(lab, "node", "node-2")
    let listed = (node["status"]?["addresses"]?.items ?? []).filter { $0["type"]?.string == "InternalIP" }
    #expect(listed.compactMap { $0["address"]?.string } == ["172.30.0.12", "fd53:7762::12"])
    let blocks = (node["spec"]?["podCIDRs"]?.items ?? []).compactMap { $0.string.flatMap { CIDR($0) } }
    #expect(blocks.map(\.family) == [.v4, .v6])

    try lab.apply(
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: told}
      spec:
        nodeName: node-2
        terminationGracePeriodSeconds: 0
        containers:
        - name: main
          image: switchboard/busybox:1
          command: [sleep, "86400"]
          env:
          - {name: PODS, valueFrom: {fieldRef: {fieldPath: status.podIPs}}}
          - {name: HOSTS, valueFrom: {fieldRef: {fieldPath: status.hostIPs}}}
      """)
    try Self.ready(lab, "told")
    let addresses = try Self.addresses(lab, "told")
    #expect(addresses.map(\.family) == [.v4, .v6])
    #expect(zip(blocks, addresses).allSatisfy { $0.contains($1) })
    let status = try Self.object(lab, "pod", "told")["status"]
    #expect(status?["podIP"]?.string == addresses[0].description)
    #expect((status?["hostIPs"]?.items ?? []).compactMap { $0["ip"]?.string } == ["172.30.0.12", "fd53:7762::12"])
    #expect(
      try Self.execute(lab, "told", "echo $PODS $HOSTS")
        == "\(addresses[0]),\(addresses[1]) 172.30.0.12,fd53:7762::12")
    let hosts = try Self.execute(lab, "told", "cat /etc/hosts")
    for address in addresses { #expect(hosts.contains("\(address)\ttold")) }
    let servers = try Self.execute(lab, "told", "grep nameserver /etc/resolv.conf | cut -d' ' -f2 | paste -sd' '")
    #expect(servers == "10.96.0.10 fd53:7762:2::a")
  }

  @Test func podsOfDifferentNodesSeeEachOthersAddressesInBothFamilies() throws {
    let lab = try Self.both.get()
    try lab.apply(
      Manifest.all((1...3).map { Self.listener("flat-\($0)", node: "node-\($0)") }.joined(separator: "\n---\n")))
    for pod in 1...3 { try Self.ready(lab, "flat-\(pod)") }
    for (from, to) in [(1, 2), (2, 3), (3, 1)] {
      let client = try Self.addresses(lab, "flat-\(from)")
      for (index, target) in try Self.addresses(lab, "flat-\(to)").enumerated() {
        let word = target.family == .v4 ? "TCP4:\(target):9004" : "TCP6:[\(target)]:9006"
        let seen = try Self.execute(lab, "flat-\(from)", "socat -T 5 -u \(word) -")
        #expect(IPAddress(seen.filter { $0 != "[" && $0 != "]" }) == client[index], "\(word) saw \(seen)")
      }
    }
  }

  @Test func aServiceOfBothFamiliesAnswersOnBothAddresses() throws {
    let lab = try Self.both.get()
    try lab.apply(
      Manifest.all(
        Manifest.deployment("twofold", replicas: 3), Manifest.client("asker", node: "node-1"),
        Manifest.client("node-asker", node: "node-3", hostNetwork: true),
        Manifest.service("twofold", spec: "  ipFamilyPolicy: RequireDualStack"),
        Manifest.service("single", app: "twofold")))
    try lab.kubectl("rollout", "status", "deployment/twofold", "--timeout=60s")
    for pod in ["asker", "node-asker"] { try Self.ready(lab, pod) }
    let service = try Self.object(lab, "service", "twofold")["spec"]
    let addresses = (service?["clusterIPs"]?.items ?? []).compactMap { $0.string.flatMap { IPAddress($0) } }
    #expect(addresses.map(\.family) == [.v4, .v6])
    for pod in ["asker", "node-asker"] {
      for address in addresses {
        let host = address.family == .v4 ? "\(address)" : "[\(address)]"
        let names = try Self.execute(
          lab, pod, "for i in $(seq 50); do curl -gsS -m 3 http://\(host)/; done | sort -u | wc -l")
        #expect(names == "3", "\(host) from \(pod)")
      }
    }
    let zone = "default.svc.cluster.local"
    func ask(_ question: String) throws -> String {
      try Self.execute(lab, "asker", "nslookup \(question) 2>&1; true")
    }
    #expect(try ask("-type=a twofold.\(zone)").contains("Address: \(addresses[0])"))
    #expect(try ask("-type=aaaa twofold.\(zone)").contains("Address: \(addresses[1])"))
    for address in addresses { #expect(try ask("\(address)").contains("name = twofold.\(zone)")) }
    // By way of the other name server as well.
    #expect(try ask("-type=aaaa twofold.\(zone) fd53:7762:2::a").contains("Address: \(addresses[1])"))
    // A Service of one family: the name is there, and has nothing of the other.
    let nothing = try ask("-type=aaaa single.\(zone)")
    #expect(!nothing.contains("NXDOMAIN") && !nothing.contains("Address: fd53"))
    #expect(try Self.execute(lab, "asker", "curl -6 -gsS -m 3 http://twofold/ >/dev/null && echo reached") == "reached")
  }

  @Test func aClusterOfVersion6AloneWorks() throws {
    let lab = try LabSession(nodes: 2, images: ["busybox"], arguments: ["--ip-family", "ipv6"])
    try lab.apply(
      Manifest.all(
        Manifest.deployment("six", replicas: 2), Manifest.client("asker", node: "node-2"), Manifest.service("six")))
    // Ready by a probe of the node's over IPv6.
    try lab.kubectl("rollout", "status", "deployment/six", "--timeout=60s")
    try Self.ready(lab, "asker")
    #expect(try Self.addresses(lab, "asker").map(\.family) == [.v6])
    #expect(try Self.execute(lab, "asker", "grep nameserver /etc/resolv.conf") == "nameserver fd53:7762:2::a")
    let names = try Self.execute(
      lab, "asker", "for i in $(seq 40); do curl -sS -m 3 http://six/; done | sort -u | wc -l")
    #expect(names == "2")
    #expect(
      try Self.execute(lab, "asker", "curl -sk https://kubernetes.default/version").contains("gitVersion"))
    #expect(try lab.kubectl("logs", "asker").isEmpty)
    #expect(
      try lab.kubectl("get", "node", "node-1", "-o", "jsonpath={.status.addresses[0].address}") == "fd53:7762::11")
    try lab.end()
  }

  // MARK: Set-up

  private static func object(_ lab: LabSession, _ kind: String, _ name: String) throws -> JSON {
    try JSON.parse(Array(try lab.kubectl("get", kind, name, "-o", "json").utf8))
  }

  private static func addresses(_ lab: LabSession, _ pod: String) throws -> [IPAddress] {
    (try object(lab, "pod", pod)["status"]?["podIPs"]?.items ?? [])
      .compactMap { $0["ip"]?.string.flatMap { IPAddress($0) } }
  }

  private static func ready(_ lab: LabSession, _ pod: String) throws {
    try lab.kubectl("wait", "--for=condition=Ready", "pod/\(pod)", "--timeout=60s")
  }

  private static func execute(_ lab: LabSession, _ pod: String, _ script: String) throws -> String {
    try lab.kubectl("exec", pod, "--", "sh", "-c", script)
  }

  /// A pod that tells whoever connects with which address it came: port 9004 for IPv4, 9006 for IPv6.
  private static func listener(_ name: String, node: String) -> String {
    """
    apiVersion: v1
    kind: Pod
    metadata: {name: \(name), annotations: {kubectl.kubernetes.io/default-container: four}}
    spec:
      nodeName: \(node)
      terminationGracePeriodSeconds: 0
      containers:
      - name: four
        image: switchboard/busybox:1
        command: [socat, "TCP4-LISTEN:9004,fork,reuseaddr", "SYSTEM:echo $SOCAT_PEERADDR"]
        readinessProbe: {tcpSocket: {port: 9004}, periodSeconds: 1}
      - name: six
        image: switchboard/busybox:1
        command: [socat, "TCP6-LISTEN:9006,fork,reuseaddr", "SYSTEM:echo $SOCAT_PEERADDR"]
    """
  }
}
