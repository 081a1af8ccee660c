import JSONTree
import KubernetesAPI
import SwitchboardTesting
import Testing

/// Slices that the cluster keeps, and slices and Endpoints that people make.
@Suite(.serialized) struct ClusterEndpointSliceTests {
  private static let serviceName = "kubernetes.io/service-name"
  private static let managedBy = "endpointslice.kubernetes.io/managed-by"

  @Test func aSliceTellsAllOfItsEndpoints() throws {
    let scene = try ServiceScene.standing()
    func pod(_ name: String, subdomain: String) -> String {
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: \(name), labels: {app: crew}}
      spec:
        terminationGracePeriodSeconds: 0
        nodeName: node-2
        hostname: \(name)-host
        subdomain: \(subdomain)
        containers: [{name: main, image: "switchboard/busybox:1", command: [sleep, "86400"]}]
      """
    }
    let service = """
      apiVersion: v1
      kind: Service
      metadata: {name: crew, labels: {team: blue}}
      spec: {clusterIP: None, selector: {app: crew}, ports: [{name: http, port: 80, targetPort: 8080}]}
      """
    try scene.with(pod("captain", subdomain: "crew"), pod("guest", subdomain: "elsewhere"), service) {
      try scene.ready("captain", "guest")
      let slices = try scene.slices(of: "crew") { slices in
        let endpoints = slices.flatMap { $0["endpoints"]?.items ?? [] }
        return endpoints.count == 2 && endpoints.allSatisfy { $0["conditions"]?["ready"] == true }
      }
      try #require(slices.count == 1)
      let slice = slices[0]
      #expect(
        slice.labels == [
          Self.serviceName: "crew", Self.managedBy: "endpointslice-controller.k8s.io",
          "service.kubernetes.io/headless": "", "team": "blue",
        ])
      let owner = try scene.object("service/crew")
      #expect(
        slice["metadata"]?["ownerReferences"] == [
          [
            "apiVersion": "v1", "kind": "Service", "name": "crew", "uid": .string(owner.uid), "controller": true,
            "blockOwnerDeletion": true,
          ]
        ])
      #expect(slice["addressType"] == "IPv4")
      #expect(slice["ports"] == [["name": "http", "port": 8080, "protocol": "TCP"]])
      for name in ["captain", "guest"] {
        let pod = try scene.object("pod/\(name)")
        var expected: JSON = [
          "addresses": [.string(try scene.podAddress(name))],
          "conditions": ["ready": true, "serving": true, "terminating": false], "nodeName": "node-2",
          "targetRef": [
            "kind": "Pod", "namespace": .string(ServiceScene.namespace), "name": .string(name),
            "uid": .string(pod.uid),
          ],
        ]
        // The pod's own name counts under its own subdomain.
        if name == "captain" { expected["hostname"] = "captain-host" }
        let endpoint = slice["endpoints"]?.items.first { $0["targetRef"]?["name"]?.string == name }
        #expect(endpoint == expected)
      }
      // It goes with its Service.
      try scene.kubectl("delete", "service", "crew")
      #expect(try scene.slices(of: "crew") { $0.isEmpty }.isEmpty)
    }
  }

  @Test func aSliceHasAHundredEndpointsAtMost() throws {
    // Pods that no scheduler takes, and whose addresses this test makes up; the Service takes pods however they are.
    let pods = (1...101).map { number in
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: made-\(number), labels: {app: made}}
      spec:
        schedulerName: nobody
        containers: [{name: main, image: "switchboard/busybox:1"}]
      """
    }
    let statuses = (1...101).map { number in
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: made-\(number)}
      status: {podIP: 192.0.2.\(number), podIPs: [{ip: 192.0.2.\(number)}]}
      """
    }
    try SharedLab.withNamespace("hundred") { lab in
      func apply(_ arguments: [String], _ manifests: [String]) throws {
        // kubectl's own look at each object would take longer than all the rest.
        _ = try lab.kubectl(
          in: "hundred", arguments + ["--validate=false", "-f", "-"], input: manifests.joined(separator: "\n---\n"))
      }
      try apply(["create"], pods + [Manifest.service("made", spec: "  publishNotReadyAddresses: true")])
      try apply(["apply", "--server-side", "--subresource=status"], statuses)
      var sizes: [String: Int] = [:]
      for _ in 0..<50 where sizes.values.reduce(0, +) != 101 {
        let text = try lab.kubectl(in: "hundred", ["get", "endpointslices", "-o", "json"])
        let slices = try JSON.parse(Array(text.utf8))["items"]?.items ?? []
        sizes = Dictionary(uniqueKeysWithValues: slices.map { ($0.name, $0["endpoints"]?.items.count ?? 0) })
      }
      #expect(sizes.values.reduce(0, +) == 101)
      #expect(sizes.count > 1 && sizes.values.allSatisfy { $0 <= 100 }, "\(sizes)")
    }
  }

  @Test func theAPIServersAreEndpointsOfTheirService() throws {
    let scene = try ServiceScene.standing()
    let text = try scene.lab.kubectl(
      "-n", "default", "get", "endpointslices", "-l", "\(Self.serviceName)=kubernetes", "-o", "json")
    let slices = try JSON.parse(Array(text.utf8))["items"]?.items ?? []
    try #require(slices.count == 1)
    #expect(slices[0]["endpoints"] == [["addresses": ["172.30.0.11"], "conditions": ["ready": true]]])
    #expect(slices[0]["ports"] == [["name": "https", "port": 6443, "protocol": "TCP"]])
    let subsets = try scene.lab.kubectl("-n", "default", "get", "endpoints", "kubernetes", "-o", "jsonpath={.subsets}")
    #expect(subsets.contains("[{\"addresses\":[{\"ip\":\"172.30.0.11\"}],\"ports\":[{\"name\":\"https\",\"port\":6443"))
  }

  @Test func slicesFollowTheirServicesSoon() throws {
    let scene = try ServiceScene.standing()
    let milliseconds = try scene.lab.shell(
      """
      cd "$(mktemp -d)"
      kubectl -n \(ServiceScene.namespace) get endpointslices -w --output-watch-events \
        -o jsonpath='{.type} {.object.metadata.generateName} {.object.endpoints[*].addresses[0]}{"\\n"}' >slices &
      watch=$!
      for i in $(seq 20); do
        begin=$(date +%s%3N)
        kubectl -n \(ServiceScene.namespace) create -f - >/dev/null <<END
      {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "soon-$i"},
       "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}}
      END
        for j in $(seq 1000); do grep -q "ADDED soon-$i- .*[0-9] .*[0-9] .*[0-9]" slices && break; sleep 0.01; done
        grep -q "soon-$i- " slices || { echo "no slice of soon-$i"; break; }
        echo $(($(date +%s%3N) - begin))
      done
      kill $watch
      kubectl -n \(ServiceScene.namespace) delete service --wait=false $(seq -f 'soon-%g' 20) >/dev/null
      """, seconds: 300
    ).split(separator: "\n").compactMap { Int($0) }.sorted()
    try #require(milliseconds.count == 20)
    print("slices came \(milliseconds[9]) ms after kubectl was started to make their Services, in the median of 20")
    #expect(milliseconds[9] < 20_000)
    #expect(milliseconds[19] < 50_000)
  }

  // MARK: Made by hand

  private static let bare = """
    apiVersion: v1
    kind: Service
    metadata: {name: byhand}
    spec: {ports: [{name: http, port: 80}]}
    """

  private static func slice(_ name: String, _ address: String, port: Int) -> String {
    """
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: \(name), labels: {\(serviceName): byhand, \(managedBy): tests.example.com}}
    addressType: IPv4
    ports: [{name: http, port: \(port)}]
    endpoints: [{addresses: [\(address)]}]
    """
  }

  @Test func slicesThatPeopleMakeAreTheirs() throws {
    let scene = try ServiceScene.standing()
    let (one, two) = (try scene.podAddress("web-1"), try scene.podAddress("web-2"))
    try scene.with(
      Self.bare, Self.slice("byhand-a", one, port: 8080), Self.slice("byhand-b", two, port: 8081)
    ) {
      // Endpoints without conditions are ready.
      try scene.expect(["web-1", "second-web-2"], at: "byhand:80", from: .client(1))
      // A change of the Service is none of theirs, nor are pods that come.
      let before = try scene.slices(of: "byhand")
      try scene.kubectl("label", "service", "byhand", "touched=yes")
      try scene.with(Manifest.service("after", app: "web")) {
        try scene.expect(ServiceScene.all, at: "after:80", from: .client(1))
      }
      #expect(try scene.slices(of: "byhand") == before)
      #expect(before.count == 2)
      try scene.kubectl("delete", "endpointslice", "byhand-a")
      try scene.expect(["second-web-2"], at: "byhand:80", from: .client(1))
      try scene.kubectl(
        "patch", "endpointslice", "byhand-b", "--type=json", "-p",
        "[{\"op\": \"add\", \"path\": \"/endpoints/0/conditions\", \"value\": {\"ready\": false}}]")
      try scene.expect(["refused"], at: "byhand:80", from: .client(1))
    }
  }

  @Test func endpointsThatPeopleMakeAreMirrored() throws {
    let scene = try ServiceScene.standing()
    func endpoints(_ address: String, labels: String = "") -> String {
      """
      apiVersion: v1
      kind: Endpoints
      metadata: {name: byhand, labels: {\(labels)}}
      subsets: [{addresses: [{ip: \(address)}], ports: [{name: http, port: 8080}]}]
      """
    }
    let (one, two) = (try scene.podAddress("web-1"), try scene.podAddress("web-2"))
    try scene.with(Self.bare, endpoints(one)) {
      try scene.expect(["web-1"], at: "byhand:80", from: .client(3))
      let slices = try scene.slices(of: "byhand")
      #expect(slices.map { $0.labels[Self.managedBy] } == ["endpointslicemirroring-controller.k8s.io"])
      #expect(slices.first?.ownerReferences.first?["kind"] == "Endpoints")
      try scene.apply(endpoints(two))
      try scene.expect(["web-2"], at: "byhand:80", from: .client(3))
      try scene.apply(endpoints(two, labels: "endpointslice.kubernetes.io/skip-mirror: \"true\""))
      try scene.expect(["refused"], at: "byhand:80", from: .client(3))
      #expect(try scene.slices(of: "byhand") { $0.isEmpty }.isEmpty)
      try scene.apply(endpoints(one))
      try scene.expect(["web-1"], at: "byhand:80", from: .client(3))
      try scene.kubectl("delete", "endpoints", "byhand")
      try scene.expect(["refused"], at: "byhand:80", from: .client(3))
    }
  }

  @Test func programsThatReadEndpointsFindThem() throws {
    let scene = try ServiceScene.standing()
    try scene.with(Manifest.service("older", app: "web")) {
      func read(_ object: JSON) -> Set<String> {
        Set((object["subsets"]?.items ?? []).flatMap { $0["addresses"]?.items ?? [] }.compactMap { $0["ip"]?.string })
      }
      let addresses = Set(try (1...3).map { try scene.podAddress("web-\($0)") })
      let endpoints = try scene.object("endpoints/older") { read($0) == addresses }
      #expect(read(endpoints) == addresses)
      #expect(
        Set(endpoints["subsets"]?.items.first?["ports"]?.items ?? []) == [
          ["name": "http", "port": 8080, "protocol": "TCP"], ["name": "udp", "port": 8080, "protocol": "UDP"],
        ])
      // They are not mirrored once more.
      #expect(
        try scene.slices(of: "older").map { $0.labels[Self.managedBy] } == ["endpointslice-controller.k8s.io"])
    }
  }
}
