import JSONTree
import KubernetesAPI
import Testing

/// The record of owners through sequences of writes, as upstream's structured-merge-diff documents them.
@Suite struct FieldManagerTests {
  private static func service(_ ports: JSON, labels: JSON? = nil) -> JSON {
    var object: JSON = [
      "apiVersion": "v1", "kind": "Service", "metadata": ["name": "a", "namespace": "n"], "spec": ["ports": ports],
    ]
    object[path: "metadata", "labels"] = labels
    return object
  }

  private static func deployment(_ spec: JSON) -> JSON {
    ["apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "a"], "spec": spec]
  }

  /// An object that is written again and again.
  private struct History {
    let kind: ResourceKind
    var object: JSON?
    var time = 0

    init(_ kind: ResourceKind) { self.kind = kind }

    mutating func apply(_ configuration: JSON, as manager: String, force: Bool = false, subresource: String = "") throws
    {
      time += 1
      object = try FieldManager(kind, subresource: subresource).apply(
        live: object, configuration: configuration, manager: manager, force: force, time: stamp)
    }

    mutating func update(as manager: String, subresource: String = "", _ change: (inout JSON) -> Void) {
      time += 1
      var new = object ?? [:]
      change(&new)
      FieldManager(kind, subresource: subresource).update(live: object, new: &new, manager: manager, time: stamp)
      object = new
    }

    var stamp: String { "2026-01-01T00:00:\(time < 10 ? "0" : "")\(time)Z" }

    func entry(_ manager: String) -> JSON? {
      object?[path: "metadata", "managedFields"]?.items.first { $0["manager"]?.string == manager }
    }

    func fields(_ manager: String) -> String? { entry(manager)?["fieldsV1"]?.description }
  }

  private func conflicts(_ body: () throws -> Void) -> [String] {
    do {
      try body()
      return []
    } catch ApplyError.conflicts(let conflicts) {
      return conflicts.map { "\($0.message): \($0.path)" }
    } catch {
      return ["\(error)"]
    }
  }

  @Test func aCreateOwnsWhatItSetsInUpstreamsForm() {
    var history = History(.deployments)
    history.update(as: "kubectl-create") {
      $0 = Self.deployment([
        "replicas": 2, "selector": ["matchLabels": ["app": "a"]], "strategy": ["type": "Recreate"],
        "template": [
          "metadata": ["labels": ["app": "a"]],
          "spec": [
            "containers": [
              ["name": "c", "image": "i", "ports": [["containerPort": 80, "protocol": "TCP"]], "resources": [:]]
            ]
          ],
        ],
      ])
      $0[path: "metadata", "labels"] = ["app": "a"]
      $0[path: "metadata", "uid"] = "u"
    }
    #expect(
      history.fields("kubectl-create")
        == #"{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:replicas":{},"f:selector":{},"f:strategy":{"f:type":{}},"f:template":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:image":{},"f:name":{},"f:ports":{".":{},"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{},"f:protocol":{}}},"f:resources":{}}}}}}}"#
    )
    #expect(
      history.entry("kubectl-create")?.object?.keys
        == ["manager", "operation", "apiVersion", "time", "fieldsType", "fieldsV1"])
  }

  @Test func anApplyOwnsItsLeavesAndElements() throws {
    var history = History(.services)
    try history.apply(Self.service([["port": 80, "name": "web"]], labels: ["a": "1"]), as: "me")
    #expect(
      history.fields("me")
        == #"{"f:metadata":{"f:labels":{"f:a":{}}},"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{},"f:port":{}}}}}"#
    )
    #expect(history.entry("me")?["operation"] == "Apply")
  }

  @Test func fieldsThatAreNoLongerAppliedGoUnlessOthersOwnThem() throws {
    var history = History(.deployments)
    try history.apply(
      Self.deployment(["replicas": 1, "minReadySeconds": 5, "paused": true]), as: "one")
    try history.apply(Self.deployment(["minReadySeconds": 5]), as: "two")
    try history.apply(Self.deployment(["replicas": 1]), as: "one")
    #expect(history.object?["spec"] == ["replicas": 1, "minReadySeconds": 5])
    #expect(history.fields("one") == #"{"f:spec":{"f:replicas":{}}}"#)
    #expect(history.fields("two") == #"{"f:spec":{"f:minReadySeconds":{}}}"#)
  }

  @Test func listElementsComeAndGoByTheirKeys() throws {
    var history = History(.services)
    try history.apply(
      Self.service([["port": 80, "name": "a"], ["port": 443, "protocol": "TCP", "name": "b"]]), as: "one")
    try history.apply(
      Self.service([["port": 53, "protocol": "UDP", "name": "d"]]), as: "two")
    try history.apply(Self.service([["port": 443, "name": "b"]]), as: "one")
    #expect(history.object?[path: "spec", "ports"]?.items.map { $0["port"]?.int } == [443, 53])
    try history.apply(Self.service([]), as: "one")
    #expect(history.object?[path: "spec", "ports"]?.items.map { $0["port"]?.int } == [53])
  }

  @Test func appliedOrderRulesAmongWhatIsApplied() throws {
    var history = History(.services)
    let ports: (String) -> JSON = { order in
      .array(order.map { ["name": .string(String($0)), "port": .int(Int64($0.asciiValue ?? 0))] })
    }
    try history.apply(Self.service(ports("abc")), as: "one")
    try history.apply(Self.service(ports("d")), as: "two")
    try history.apply(Self.service(ports("cab")), as: "one")
    let names = history.object?[path: "spec", "ports"]?.items.compactMap { $0["name"]?.string }.joined()
    #expect(names == "cdab")
  }

  @Test func conflictsNameManagersAndPaths() throws {
    var history = History(.deployments)
    history.update(as: "kubectl-client-side-apply") { $0 = Self.deployment(["replicas": 1, "paused": true]) }
    var copy = history
    #expect(
      conflicts { try copy.apply(Self.deployment(["replicas": 3]), as: "me") }
        == [#"conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas"#])
    #expect(conflicts { try copy.apply(Self.deployment(["replicas": 1]), as: "me") } == [])
    #expect(copy.fields("kubectl-client-side-apply") == #"{"f:spec":{"f:paused":{},"f:replicas":{}}}"#)
    try history.apply(Self.deployment(["replicas": 3]), as: "me", force: true)
    #expect(history.fields("kubectl-client-side-apply") == #"{"f:spec":{"f:paused":{}}}"#)
    #expect(history.fields("me") == #"{"f:spec":{"f:replicas":{}}}"#)
    #expect(
      conflicts { try history.apply(Self.deployment(["replicas": 9, "paused": false]), as: "other") }
        == [
          #"conflict with "kubectl-client-side-apply" using apps/v1: .spec.paused"#,
          #"conflict with "me": .spec.replicas"#,
        ])
  }

  @Test func anUpdateTakesWhatItChanges() throws {
    var history = History(.deployments)
    try history.apply(Self.deployment(["replicas": 1, "paused": true]), as: "me")
    history.update(as: "scaler") { $0[path: "spec", "replicas"] = 4 }
    #expect(history.fields("me") == #"{"f:spec":{"f:paused":{}}}"#)
    #expect(history.fields("scaler") == #"{"f:spec":{"f:replicas":{}}}"#)
    history.update(as: "scaler") { $0[path: "spec", "paused"] = nil }
    #expect(history.entry("me") == nil)
    #expect(history.entry("scaler")?["time"] == "2026-01-01T00:00:02Z")
  }

  @Test func aWriteThatChangesNothingLeavesTheRecord() throws {
    var history = History(.deployments)
    try history.apply(Self.deployment(["replicas": 1]), as: "me")
    let before = history.object
    history.update(as: "other") { _ in }
    #expect(history.object == before)
    try history.apply(Self.deployment(["replicas": 1]), as: "me")
    #expect(history.object == before)
  }

  @Test func subresourcesOwnApart() {
    var history = History(.deployments)
    history.update(as: "me") { $0 = Self.deployment(["replicas": 1]) }
    history.update(as: "controller", subresource: "status") {
      $0["status"] = ["observedGeneration": 1, "conditions": [["type": "Available", "status": "True"]]]
      $0[path: "spec", "replicas"] = 7
    }
    #expect(history.fields("me") == #"{"f:spec":{"f:replicas":{}}}"#)
    #expect(
      history.fields("controller")
        == #"{"f:status":{"f:conditions":{".":{},"k:{\"type\":\"Available\"}":{".":{},"f:status":{},"f:type":{}}},"f:observedGeneration":{}}}"#
    )
    #expect(history.entry("controller")?["subresource"] == "status")
  }

  @Test func updatersBeyondTenBecomeAncient() {
    var history = History(.configMaps)
    history.update(as: "maker") {
      $0 = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a"], "data": ["k0": "v"]]
    }
    for number in 1...12 {
      history.update(as: "m\(number)") { $0[path: "data", "k\(number)"] = "v" }
    }
    let managers = history.object?[path: "metadata", "managedFields"]?.items.compactMap { $0["manager"]?.string } ?? []
    #expect(managers.count == 10)
    #expect(managers.first == "ancient-changes")
    #expect(history.fields("ancient-changes") == #"{"f:data":{".":{},"f:k0":{},"f:k1":{},"f:k2":{},"f:k3":{}}}"#)
  }

  @Test func aResetStopsTrackingUntilAnApply() throws {
    var history = History(.deployments)
    history.update(as: "me") { $0 = Self.deployment(["replicas": 1]) }
    history.update(as: "me") { $0[path: "metadata", "managedFields"] = [[:]] }
    #expect(history.object?["metadata"]?["managedFields"] == nil)
    history.update(as: "me") { $0[path: "spec", "replicas"] = 2 }
    #expect(history.object?["metadata"]?["managedFields"] == nil)
    try history.apply(Self.deployment(["paused": true]), as: "ssa")
    #expect(history.fields("before-first-apply") == #"{"f:spec":{"f:replicas":{}}}"#)
    #expect(history.fields("ssa") == #"{"f:spec":{"f:paused":{}}}"#)
  }

  @Test(arguments: [
    (#"{"replicaz": 1}"#, ".spec.replicaz: field not declared in schema"),
    (#"{"replicas": "one"}"#, ".spec.replicas: expected numeric (int or float), got string"),
    (
      #"{"replicas": [1], "paused": {}}"#,
      "errors:\n  .spec.replicas: expected numeric (int or float), got []interface {}\n  .spec.paused: expected boolean, got map[]"
    ),
    (
      #"{"template": {"spec": {"containers": [{"name": "a"}, {"name": "a"}]}}}"#,
      #".spec.template.spec.containers: duplicate entries for key [name="a"]"#
    ),
    (
      #"{"template": {"spec": {"containers": [{"image": "a"}]}}}"#,
      ".spec.template.spec.containers: element 0: associative list with keys has an element that omits key field "
        + #""name" (and doesn't have default value)"#
    ),
  ]) func whatDoesNotFitIsRefused(_ spec: String, _ fault: String) throws {
    let configuration = Self.deployment(try JSON.parse(spec))
    do {
      _ = try FieldManager(.deployments).apply(
        live: nil, configuration: configuration, manager: "me", force: false, time: "")
      Issue.record("the configuration was applied")
    } catch ApplyError.unfit(let message) {
      #expect(message == "failed to create typed patch object (a; apps/v1, Kind=Deployment): \(fault)")
    }
  }

  @Test func keysHaveDefaults() throws {
    var history = History(.pods)
    try history.apply(
      [
        "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "a"],
        "spec": [
          "containers": [["name": "c", "ports": [["containerPort": 80]]]], "imagePullSecrets": [[:]],
          "tolerations": [["key": "a"]],
        ],
      ], as: "me")
    #expect(
      history.fields("me")
        == #"{"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:name":{},"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}},"f:imagePullSecrets":{"k:{\"name\":\"\"}":{}},"f:tolerations":{}}}"#
    )
  }

  @Test func kubectlTakesOverWhatItAppliedFromTheClient() throws {
    let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"
    var history = History(.deployments)
    history.update(as: "kubectl-client-side-apply") {
      $0 = Self.deployment(["replicas": 1])
      $0[path: "metadata", "annotations"] = [
        lastApplied:
          #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"replicas":1}}"#
      ]
    }
    try history.apply(Self.deployment(["replicas": 5]), as: "kubectl")
    #expect(history.object?[path: "spec", "replicas"] == 5)
    let annotation = history.object?[path: "metadata", "annotations", lastApplied]?.string
    #expect(
      annotation
        == #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"replicas":5}}"# + "\n")
    history.update(as: "scaler") { $0[path: "spec", "replicas"] = 8 }
    #expect(
      conflicts { try history.apply(Self.deployment(["replicas": 5]), as: "kubectl") }
        == [#"conflict with "scaler" using apps/v1: .spec.replicas"#])
  }
}
