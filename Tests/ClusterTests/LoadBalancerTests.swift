import SwitchboardTesting
import Testing

/// Services of type LoadBalancer, reached from the nodes' link by one who is no node: the lab's own side of the bridge.
@Suite(.serialized) struct ClusterLoadBalancerTests {
  private static let finalizer = "service.kubernetes.io/load-balancer-cleanup"

  /// A pod that says who asks, on port 8080.
  private static func whoAsks(_ name: String, on node: String) -> String {
    """
    apiVersion: v1
    kind: Pod
    metadata: {name: \(name), labels: {app: \(name)}}
    spec:
      terminationGracePeriodSeconds: 0
      nodeName: \(node)
      containers:
      - name: main
        image: switchboard/busybox:1
        command: [socat, "TCP4-LISTEN:8080,fork,reuseaddr", "SYSTEM:echo \(name) $SOCAT_PEERADDR"]
        readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}
    """
  }

  private static func service(_ name: String, spec: String = "") -> String {
    """
    apiVersion: v1
    kind: Service
    metadata: {name: \(name)}
    spec:
      type: LoadBalancer
      selector: {app: \(name)}
      ports: [{port: 80, targetPort: 8080}]
    \(spec)
    """
  }

  /// The Service's address, once it has one.
  private static func address(_ lab: LabSession, _ name: String, in namespace: String = "default") throws -> String {
    try lab.kubectl(
      "-n", namespace, "wait", "service/\(name)", "--for=jsonpath={.status.loadBalancer.ingress[0].ip}",
      "--timeout=20s")
    return try lab.kubectl(
      "-n", namespace, "get", "service", name, "-o", "jsonpath={.status.loadBalancer.ingress[0].ip}")
  }

  /// What the address answers, asked until it does.
  private static func ask(_ lab: LabSession, _ address: String) throws -> String {
    try lab.shell(
      """
      for i in $(seq 100); do
        answer=$(timeout 1 bash -c 'exec 3<>/dev/tcp/\(address)/80 && head -n 1 <&3' 2>/dev/null) && [ -n "$answer" ] && break
        sleep 0.1
      done
      echo "$answer"
      """)
  }

  /// The node that has the address on its link.
  private static func owner(_ lab: LabSession, _ address: String, among nodes: [String]) throws -> String? {
    try nodes.first { node in
      try lab.shell("switchboard node exec \(node) -- ip -o addr").contains(" \(address)/32 ")
    }
  }

  @Test func fromTheLinkAndWithTheFinalizer() throws {
    try SharedLab.withNamespace("balanced-outside") { lab in
      try lab.kubectl(
        "-n", "balanced-outside", "apply", "-f", "-",
        input: Manifest.all(Self.whoAsks("web", on: "node-2"), Self.service("web")))
      let address = try Self.address(lab, "web", in: "balanced-outside")
      #expect(address.hasPrefix("172.30.0."))
      #expect(try Self.ask(lab, address).hasPrefix("web "))
      // Pods and nodes reach it too.
      try lab.kubectl("-n", "balanced-outside", "apply", "-f", "-", input: Manifest.client(node: "node-3"))
      try lab.kubectl("-n", "balanced-outside", "wait", "--for=condition=Ready", "pod/client", "--timeout=30s")
      let inside = try lab.kubectl(
        "-n", "balanced-outside", "exec", "client", "--", "socat", "-T3", "-", "TCP4:\(address):80")
      #expect(inside.hasPrefix("web "))
      let finalizers = try lab.kubectl(
        "-n", "balanced-outside", "get", "service", "web", "-o", "jsonpath={.metadata.finalizers}")
      #expect(finalizers == "[\"\(Self.finalizer)\"]")
      try lab.kubectl("-n", "balanced-outside", "delete", "service", "web", "--timeout=20s")
      // Nobody answers for it any more.
      try lab.shell("ip neigh flush all; ! timeout 2 bash -c 'exec 3<>/dev/tcp/\(address)/80' 2>/dev/null")
    }
  }

  @Test func localTrafficKeepsItsSource() throws {
    try SharedLab.withNamespace("balanced-local") { lab in
      try lab.kubectl(
        "-n", "balanced-local", "apply", "-f", "-",
        input: Manifest.all(
          Self.whoAsks("web", on: "node-3"), Self.service("web", spec: "  externalTrafficPolicy: Local")))
      let address = try Self.address(lab, "web", in: "balanced-local")
      #expect(try Self.ask(lab, address) == "web 172.30.0.1")
      #expect(try Self.owner(lab, address, among: ["node-1", "node-2", "node-3"]) == "node-3")
    }
  }

  @Test func namespacesHavePoolsOfTheirOwn() throws {
    try SharedLab.withNamespace("balanced-pool") { lab in
      let pools = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: load-balancer-pools, namespace: kube-system}
        data: {balanced-pool: 172.30.0.240-172.30.0.241}
        """
      try lab.apply(pools)
      defer { _ = try? lab.kubectl("delete", "-n", "kube-system", "configmap", "load-balancer-pools") }
      for name in ["one", "two", "three"] {
        try lab.kubectl("-n", "balanced-pool", "apply", "-f", "-", input: Self.service(name))
      }
      let two = try Set(["one", "two"].map { try Self.address(lab, $0, in: "balanced-pool") })
      #expect(two == ["172.30.0.240", "172.30.0.241"])
      try lab.shell(
        "for i in $(seq 50); do kubectl -n balanced-pool get events | grep -q 'has no free IPv4 address' && exit; sleep 0.1; done; exit 1"
      )
      try lab.kubectl("-n", "balanced-pool", "delete", "service", "one", "--timeout=20s")
      #expect(two.contains(try Self.address(lab, "three", in: "balanced-pool")))
    }
  }

  @Test func anotherNodeTakesOverWithinASecond() throws {
    let lab = try LabSession(nodes: 3, images: ["busybox"])
    defer { _ = try? lab.end() }
    // The first node has the API server and the endpoint, and stays.
    try lab.kubectl("label", "node", "node-1", "node.kubernetes.io/exclude-from-external-load-balancers=")
    try lab.apply(Manifest.all(Self.whoAsks("web", on: "node-1"), Self.service("web")))
    let address = try Self.address(lab, "web")
    #expect(try Self.ask(lab, address).hasPrefix("web "))
    #expect(try Self.owner(lab, address, among: ["node-1"]) == nil)
    let owner = try #require(try Self.owner(lab, address, among: ["node-2", "node-3"]))
    let other = owner == "node-2" ? "node-3" : "node-2"
    let times = try lab.shell(
      """
      pid=$(pgrep -f 'switchboard supervise .*/\(owner)/' | head -n 1)
      now() { date +%s%3N; }
      begin=$(now)
      # As when a machine ends: its kernel answers no more either.
      ip link set swb-\(owner) down
      kill -9 $pid
      for i in $(seq 100); do
        answer=$(timeout 0.3 bash -c 'exec 3<>/dev/tcp/\(address)/80 && head -n 1 <&3' 2>/dev/null) && [ -n "$answer" ] && break
      done
      echo "$(( $(now) - begin )) $answer"
      """)
    let parts = times.split(separator: " ")
    let milliseconds = try #require(Int(parts[0]), "\(times)")
    print("a load balancer address answered again \(milliseconds) ms after its node was killed")
    #expect(parts.count > 1 && parts[1] == "web", "\(times)")
    #expect(milliseconds < 5000)
    #expect(try Self.owner(lab, address, among: [other]) == other)
  }
}
