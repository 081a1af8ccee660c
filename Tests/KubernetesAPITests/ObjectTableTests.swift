import JSONTree
import Testing

@testable import KubernetesAPI

@Suite struct ObjectTableTests {
  private let now = Timestamp("2026-01-01T12:00:00Z")!

  private func cells(_ object: JSON, _ kind: ResourceKind) -> [String] {
    let table = ObjectTable(of: kind, now: now).table([object])
    #expect(table["columnDefinitions"]?.items.count == table["rows"]?.items[0]["cells"]?.items.count)
    return (table["rows"]?.items[0]["cells"]?.items ?? []).map { $0.string ?? $0.description }
  }

  private func pod(_ status: JSON, spec: JSON = ["containers": [["name": "c"]]], deleted: Bool = false) -> JSON {
    var pod: JSON = [
      "metadata": ["name": "web", "creationTimestamp": "2026-01-01T11:55:00Z"], "spec": spec, "status": status,
    ]
    if deleted { pod[path: "metadata", "deletionTimestamp"] = "2026-01-01T12:00:00Z" }
    return pod
  }

  @Test func aRunningPod() {
    let running: JSON = [
      "phase": "Running", "podIPs": [["ip": "10.244.1.2"]],
      "containerStatuses": [
        [
          "name": "c", "ready": true, "restartCount": 1, "state": ["running": ["startedAt": "2026-01-01T11:57:00Z"]],
          "lastState": ["terminated": ["exitCode": 1, "finishedAt": "2026-01-01T11:57:00Z"]],
        ]
      ],
    ]
    #expect(
      cells(pod(running, spec: ["containers": [["name": "c"]], "nodeName": "node-1"]), .pods)
        == ["web", "1/1", "Running", "1 (3m ago)", "5m", "10.244.1.2", "node-1", "<none>", "<none>"])
  }

  @Test(arguments: [
    ("Pending", "ContainerCreating", #"{"waiting":{"reason":"ContainerCreating"}}"#),
    ("Running", "CrashLoopBackOff", #"{"waiting":{"reason":"CrashLoopBackOff"}}"#),
    ("Succeeded", "Completed", #"{"terminated":{"exitCode":0,"reason":"Completed"}}"#),
    ("Failed", "Error", #"{"terminated":{"exitCode":1,"reason":"Error"}}"#),
    ("Failed", "ExitCode:3", #"{"terminated":{"exitCode":3}}"#),
    ("Failed", "Signal:9", #"{"terminated":{"exitCode":137,"signal":9}}"#),
  ])
  func statusNamesWhatIsAmiss(phase: String, expected: String, state: String) throws {
    let container: JSON = ["name": "c", "state": try JSON.parse(state)]
    #expect(PodSummary(pod(["phase": .string(phase), "containerStatuses": [container]])).reason == expected)
  }

  @Test func initContainersAreCounted() {
    let spec: JSON = ["initContainers": [["name": "i"], ["name": "j"]], "containers": [["name": "c"]]]
    let first: JSON = [
      "phase": "Pending", "initContainerStatuses": [["name": "i", "state": ["running": [:]]], ["name": "j"]],
      "containerStatuses": [["name": "c", "state": ["waiting": ["reason": "PodInitializing"]]]],
    ]
    #expect(PodSummary(pod(first, spec: spec)).reason == "Init:0/2")
    let second: JSON = [
      "phase": "Pending",
      "initContainerStatuses": [
        ["name": "i", "state": ["terminated": ["exitCode": 0]]],
        ["name": "j", "state": ["waiting": ["reason": "ImagePullBackOff"]]],
      ],
    ]
    #expect(PodSummary(pod(second, spec: spec)).reason == "Init:ImagePullBackOff")
    let failed: JSON = [
      "phase": "Failed", "initContainerStatuses": [["name": "i", "state": ["terminated": ["exitCode": 7]]]],
    ]
    #expect(PodSummary(pod(failed, spec: spec)).reason == "Init:ExitCode:7")
  }

  @Test func sidecarsCountAsContainers() {
    let spec: JSON = [
      "initContainers": [["name": "s", "restartPolicy": "Always"]], "containers": [["name": "c"]],
    ]
    let status: JSON = [
      "phase": "Running",
      "initContainerStatuses": [["name": "s", "started": true, "ready": true, "restartCount": 2]],
      "containerStatuses": [["name": "c", "ready": true, "state": ["running": [:]]]],
    ]
    let summary = PodSummary(pod(status, spec: spec))
    #expect(summary.readyContainers == 2)
    #expect(summary.containers == 2)
    #expect(summary.restarts == 2)
  }

  @Test func aPodOnItsWayOutIsTerminating() {
    #expect(PodSummary(pod(["phase": "Running"], deleted: true)).reason == "Terminating")
    #expect(PodSummary(pod(["phase": "Succeeded"], deleted: true)).reason == "Succeeded")
    #expect(PodSummary(pod(["phase": "Pending", "reason": "Evicted"])).reason == "Evicted")
  }

  @Test func services() {
    let metadata: JSON = ["name": "web", "creationTimestamp": "2026-01-01T10:00:00Z"]
    let spec: JSON = [
      "type": "NodePort", "clusterIP": "10.96.0.5", "clusterIPs": ["10.96.0.5"], "selector": ["b": "2", "a": "1"],
      "ports": [["port": 80, "nodePort": 30080, "protocol": "TCP"], ["port": 53, "protocol": "UDP"]],
    ]
    #expect(
      cells(["metadata": metadata, "spec": spec], .services)
        == ["web", "NodePort", "10.96.0.5", "<none>", "80:30080/TCP,53/UDP", "120m", "a=1,b=2"])
    #expect(cells(["metadata": metadata, "spec": ["type": "LoadBalancer"]], .services)[3] == "<pending>")
    let ready: JSON = [
      "metadata": metadata, "spec": ["type": "LoadBalancer"],
      "status": ["loadBalancer": ["ingress": [["ip": "1.2.3.4"]]]],
    ]
    #expect(cells(ready, .services)[3] == "1.2.3.4")
    var several = ready
    several[path: "spec", "externalIPs"] = ["192.0.2.7"]
    several[path: "status", "loadBalancer", "ingress"] = [
      ["ip": "fd00::9"], ["hostname": "a.example", "ip": ""], ["ip": "1.2.3.4"], ["ip": "1.2.3.4"],
    ]
    #expect(cells(several, .services)[3] == "1.2.3.4,a.example,fd00::9,192.0.2.7")
    #expect(
      cells(["metadata": metadata, "spec": ["type": "ExternalName", "externalName": "a.b"]], .services)
        == ["web", "ExternalName", "<none>", "a.b", "<none>", "120m", "<none>"])
  }

  @Test func workloads() {
    let template: JSON = ["spec": ["containers": [["name": "c", "image": "i"], ["name": "d", "image": "j"]]]]
    let spec: JSON = ["replicas": 3, "selector": ["matchLabels": ["app": "web"]], "template": template]
    let deployment: JSON = [
      "metadata": ["name": "web"], "spec": spec,
      "status": ["readyReplicas": 2, "updatedReplicas": 3, "availableReplicas": 1],
    ]
    #expect(cells(deployment, .deployments) == ["web", "2/3", "3", "1", "<unknown>", "c,d", "i,j", "app=web"])
    let set: JSON = ["metadata": ["name": "web"], "spec": spec, "status": ["replicas": 3]]
    #expect(cells(set, .replicaSets) == ["web", "3", "3", "0", "<unknown>", "c,d", "i,j", "app=web"])
  }

  @Test func nodes() {
    let node: JSON = [
      "metadata": ["name": "n", "labels": ["node-role.kubernetes.io/control-plane": ""]],
      "spec": ["unschedulable": true],
      "status": [
        "conditions": [["type": "Ready", "status": "True"]],
        "addresses": [["type": "InternalIP", "address": "1.1.1.1"]],
        "nodeInfo": ["kubeletVersion": "v1.36.2", "osImage": "Debian"],
      ],
    ]
    #expect(
      cells(node, .nodes) == [
        "n", "Ready,SchedulingDisabled", "control-plane", "<unknown>", "v1.36.2", "1.1.1.1", "<none>", "Debian",
        "<unknown>", "<unknown>",
      ])
    #expect(cells(["metadata": ["name": "n"]], .nodes)[1] == "Unknown")
  }

  @Test func networkPolicies() {
    func selector(_ selector: JSON) -> String {
      let policy: JSON = [
        "metadata": ["name": "rules", "creationTimestamp": "2026-01-01T11:00:00Z"], "spec": ["podSelector": selector],
      ]
      let cells = cells(policy, .networkPolicies)
      #expect([cells[0], cells[2]] == ["rules", "60m"])
      return cells[1]
    }
    let columns = ObjectTable(of: .networkPolicies, now: now).table([])["columnDefinitions"]?.items ?? []
    #expect(columns.map { $0["name"]?.string } == ["Name", "Pod-Selector", "Age"])
    #expect(selector([:]) == "<none>")
    #expect(
      selector([
        "matchLabels": ["tier": "front", "app": "web"],
        "matchExpressions": [
          ["key": "env", "operator": "NotIn", "values": ["test", "dev"]], ["key": "old", "operator": "DoesNotExist"],
        ],
      ]) == "app=web,env notin (dev,test),!old,tier=front")
    #expect(selector(["matchExpressions": [["key": "env", "operator": "Like"]]]) == "<error>")
  }

  @Test func endpoints() {
    let object: JSON = [
      "metadata": ["name": "e"],
      "subsets": [["addresses": [["ip": "1.1.1.1"], ["ip": "1.1.1.2"]], "ports": [["port": 80], ["port": 443]]]],
    ]
    #expect(cells(object, .endpoints)[1] == "1.1.1.1:80,1.1.1.2:80,1.1.1.1:443 + 1 more...")
    #expect(cells(["metadata": ["name": "e"]], .endpoints)[1] == "<none>")
    let slice: JSON = [
      "metadata": ["name": "e"], "addressType": "IPv4", "ports": [["port": 80], ["name": "all"]],
      "endpoints": [["addresses": ["1.1.1.1"]], ["addresses": ["1.1.1.2"]]],
    ]
    #expect(cells(slice, .endpointSlices) == ["e", "IPv4", "80,all", "1.1.1.1,1.1.1.2", "<unknown>"])
    #expect(cells(["metadata": ["name": "e"]], .endpointSlices)[2] == "<unset>")
  }

  @Test func events() {
    let core: JSON = [
      "metadata": ["name": "web.1"], "involvedObject": ["kind": "Pod", "name": "web", "fieldPath": "spec"],
      "type": "Normal", "reason": "Pulled", "message": " done\n", "firstTimestamp": "2026-01-01T11:00:00Z",
      "lastTimestamp": "2026-01-01T11:59:00Z", "count": 4, "source": ["component": "kubelet", "host": "n"],
    ]
    #expect(
      cells(core, .coreEvents) == [
        "60s", "Normal", "Pulled", "pod/web", "spec", "kubelet, n", "done", "60m", "4", "web.1",
      ])
    let new: JSON = [
      "metadata": ["name": "web.2"], "regarding": ["kind": "Node"], "eventTime": "2026-01-01T11:59:30.000000Z",
      "note": "n", "reportingController": "c",
    ]
    #expect(cells(new, .events) == ["30s", "", "", "node", "", "c", "n", "30s", "1", "web.2"])
  }

  @Test func rowsCarryWhatWasAskedFor() {
    let object: JSON = ["metadata": ["name": "a"], "data": ["k": "v"]]
    let none = ObjectTable(of: .configMaps, now: now, including: .none).table([object])
    #expect(none["rows"]?.items[0]["object"] == nil)
    let whole = ObjectTable(of: .configMaps, now: now, including: .object).table([object])
    #expect(whole["rows"]?.items[0]["object"] == object)
    let partial = ObjectTable(of: .configMaps, now: now).table([object], metadata: ["resourceVersion": "7"])
    #expect(partial["rows"]?.items[0]["object"]?["kind"] == "PartialObjectMetadata")
    #expect(partial["metadata"]?["resourceVersion"] == "7")
    #expect(cells(object, .configMaps) == ["a", "1", "<unknown>"])
  }
}
