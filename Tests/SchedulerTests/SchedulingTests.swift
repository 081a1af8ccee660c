import JSONTree
import KubernetesAPI
import Testing

@testable import Scheduler

/// Nodes and pods for scheduling tests.
enum Sample {
  static func node(
    _ name: String, cpu: JSON = "4", memory: JSON = "8Gi", pods: JSON = "110", labels: [String: String] = [:],
    taints: JSON = .null, unschedulable: Bool = false
  ) -> JSON {
    var labels = labels
    labels["kubernetes.io/hostname"] = name
    return [
      "apiVersion": "v1", "kind": "Node",
      "metadata": ["name": .string(name), "labels": .object(JSONObject(labels.map { ($0, $1) }))],
      "spec": ["taints": taints, "unschedulable": .bool(unschedulable)],
      "status": ["allocatable": ["cpu": cpu, "memory": memory, "pods": pods]],
    ]
  }

  static func pod(
    _ name: String, cpu: JSON = .null, memory: JSON = .null, labels: [String: String] = [:], node: String? = nil,
    owner: String? = nil, spec: JSON = [:]
  ) -> JSON {
    var pod: JSON = [
      "apiVersion": "v1", "kind": "Pod",
      "metadata": [
        "name": .string(name), "namespace": "default", "uid": .string("uid-\(name)"),
        "labels": .object(JSONObject(labels.map { ($0, $1) })),
      ],
      "spec": spec,
    ]
    var requests: JSON = [:]
    if !cpu.isNull { requests["cpu"] = cpu }
    if !memory.isNull { requests["memory"] = memory }
    if spec["containers"] == nil {
      pod[path: "spec", "containers"] = [["name": "c", "resources": ["requests": requests]]]
    }
    if let node { pod[path: "spec", "nodeName"] = .string(node) }
    if let owner {
      pod[path: "metadata", "ownerReferences"] = [["kind": "ReplicaSet", "uid": .string(owner), "controller": true]]
    }
    return pod
  }
}

@Suite("Scheduling")
struct SchedulingTests {
  private func place(_ pod: JSON, _ nodes: [JSON], existing: [JSON] = []) -> Placement {
    var states = nodes.map(SchedulingNode.init)
    for other in existing {
      if let index = states.firstIndex(where: { $0.name == other.nodeName }) { states[index].add(SchedulingPod(other)) }
    }
    return Scheduling.place(SchedulingPod(pod), on: states)
  }

  @Test func saysWhatEachNodeLacks() {
    let nodes = [Sample.node("a", cpu: "1"), Sample.node("b", cpu: "1", memory: "1Gi"), Sample.node("c", pods: "0")]
    #expect(
      place(Sample.pod("p", cpu: "2", memory: "2Gi"), nodes)
        == .unschedulable(
          "0/3 nodes are available: 1 Insufficient memory, 1 Too many pods, 2 Insufficient cpu."))
    #expect(place(Sample.pod("p"), []) == .unschedulable("no nodes available to schedule pods"))
  }

  @Test func countsWhatIsRequestedAlready() {
    let nodes = [Sample.node("a", cpu: "1")]
    let existing = [Sample.pod("x", cpu: "600m", node: "a")]
    #expect(place(Sample.pod("p", cpu: "400m"), nodes, existing: existing) == .node("a"))
    #expect(
      place(Sample.pod("p", cpu: "401m"), nodes, existing: existing)
        == .unschedulable("0/1 nodes are available: 1 Insufficient cpu."))
  }

  @Test func initContainersCountAsAPeakAndSidecarsAddUp() {
    let request = { (cpu: JSON) -> JSON in ["requests": ["cpu": cpu]] }
    let spec: JSON = [
      "initContainers": [
        ["name": "i", "resources": request("3")],
        ["name": "s", "restartPolicy": "Always", "resources": request("500m")],
        ["name": "j", "resources": request("1")],
      ],
      "containers": [["name": "c", "resources": request("1")]], "overhead": ["cpu": "100m"],
    ]
    #expect(ResourceAmounts.requests(of: spec).cpu == 3100)
  }

  @Test func taintsKeepPodsAwayUnlessTolerated() {
    let tainted = Sample.node("a", taints: [["key": "gpu", "value": "yes", "effect": "NoSchedule"]])
    #expect(
      place(Sample.pod("p"), [tainted])
        == .unschedulable("0/1 nodes are available: 1 node(s) had untolerated taint {gpu: yes}."))
    for toleration: JSON in [
      ["operator": "Exists"], ["key": "gpu", "operator": "Exists"], ["key": "gpu", "value": "yes"],
    ] {
      #expect(place(Sample.pod("p", spec: ["tolerations": [toleration]]), [tainted]) == .node("a"))
    }
    let other: JSON = ["key": "gpu", "value": "no"]
    #expect(place(Sample.pod("p", spec: ["tolerations": [other]]), [tainted]) != .node("a"))
  }

  @Test func cordonedNodesTakeNoPods() {
    #expect(
      place(Sample.pod("p"), [Sample.node("a", unschedulable: true)])
        == .unschedulable("0/1 nodes are available: 1 node(s) were unschedulable."))
  }

  @Test func nodeSelectorAndAffinityChoose() {
    let nodes = [Sample.node("a", labels: ["disk": "ssd", "rank": "3"]), Sample.node("b", labels: ["disk": "hdd"])]
    #expect(place(Sample.pod("p", spec: ["nodeSelector": ["disk": "hdd"]]), nodes) == .node("b"))
    let affinity = { (term: JSON) -> JSON in
      [
        "affinity": [
          "nodeAffinity": ["requiredDuringSchedulingIgnoredDuringExecution": ["nodeSelectorTerms": [term]]]
        ]
      ]
    }
    let greater: JSON = ["matchExpressions": [["key": "rank", "operator": "Gt", "values": ["2"]]]]
    #expect(place(Sample.pod("p", spec: affinity(greater)), nodes) == .node("a"))
    let field: JSON = ["matchFields": [["key": "metadata.name", "operator": "In", "values": ["b"]]]]
    #expect(place(Sample.pod("p", spec: affinity(field)), nodes) == .node("b"))
    #expect(
      place(Sample.pod("p", spec: affinity([:])), nodes)
        == .unschedulable("0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector."))
  }

  @Test func hostPortsAreTakenOnce() {
    let port = { (address: String) -> JSON in
      ["containers": [["name": "c", "ports": [["containerPort": 80, "hostPort": 80, "hostIP": .string(address)]]]]]
    }
    let existing = [Sample.pod("x", node: "a", spec: port("127.0.0.1"))]
    let nodes = [Sample.node("a")]
    #expect(place(Sample.pod("p", spec: port("10.0.0.1")), nodes, existing: existing) == .node("a"))
    #expect(
      place(Sample.pod("p", spec: port("")), nodes, existing: existing)
        == .unschedulable(
          "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."))
  }

  @Test func podsOfOneSetAreSpread() {
    let nodes = [Sample.node("a"), Sample.node("b"), Sample.node("c")]
    var existing: [JSON] = []
    for index in 0..<6 {
      guard case .node(let node) = place(Sample.pod("p\(index)", owner: "rs"), nodes, existing: existing) else {
        Issue.record("no node")
        return
      }
      existing.append(Sample.pod("p\(index)", node: node, owner: "rs"))
    }
    #expect(Dictionary(grouping: existing, by: \.nodeName).mapValues(\.count) == ["a": 2, "b": 2, "c": 2])
  }

  @Test func antiAffinityAndAffinityLookAtOtherPods() {
    let term: JSON = [
      "labelSelector": ["matchLabels": ["app": "db"]], "topologyKey": "kubernetes.io/hostname",
    ]
    let nodes = [Sample.node("a"), Sample.node("b")]
    let existing = [Sample.pod("db", labels: ["app": "db"], node: "a")]
    let away: JSON = ["affinity": ["podAntiAffinity": ["requiredDuringSchedulingIgnoredDuringExecution": [term]]]]
    let near: JSON = ["affinity": ["podAffinity": ["requiredDuringSchedulingIgnoredDuringExecution": [term]]]]
    #expect(place(Sample.pod("p", spec: away), nodes, existing: existing) == .node("b"))
    #expect(place(Sample.pod("p", spec: near), nodes, existing: existing) == .node("a"))
    #expect(
      place(Sample.pod("p", spec: near), nodes)
        == .unschedulable("0/2 nodes are available: 2 node(s) didn't match pod affinity rules."))
    // The first of a group may go anywhere.
    #expect(place(Sample.pod("p", labels: ["app": "db"], spec: near), nodes) != .unschedulable(""))
    // What is there already may object as well.
    let lonely = [Sample.pod("x", node: "a", spec: away)]
    #expect(place(Sample.pod("p", labels: ["app": "db"]), nodes, existing: lonely) == .node("b"))
  }

  @Test func spreadConstraintsBoundTheSkew() {
    let zones = [
      Sample.node("a", labels: ["zone": "1"]), Sample.node("b", labels: ["zone": "1"]),
      Sample.node("c", labels: ["zone": "2"]), Sample.node("d"),
    ]
    let spec: JSON = [
      "topologySpreadConstraints": [
        [
          "maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule",
          "labelSelector": ["matchLabels": ["app": "web"]],
        ]
      ]
    ]
    let existing = [Sample.pod("x", labels: ["app": "web"], node: "a")]
    #expect(place(Sample.pod("p", labels: ["app": "web"], spec: spec), zones, existing: existing) == .node("c"))
  }
}
