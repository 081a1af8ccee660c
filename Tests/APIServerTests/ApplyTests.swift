import HTTPTypes
import JSONTree
import KubernetesAPI
import Testing

@Suite struct ApplyTests {
  private func apply(
    _ path: String, _ body: String, in space: TestNamespace, query: String = "fieldManager=me"
  ) async throws -> Answer {
    try await space.server.send(
      .patch, path + "?" + query, body: Array(body.utf8), headers: [.contentType: "application/apply-patch+yaml"])
  }

  private static let web = """
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      labels: {app: web}
    spec:
      replicas: 2
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
          - name: web
            image: web:1
            ports:
            - containerPort: 80
    """

  private func entry(_ object: JSON, _ manager: String, _ subresource: String? = nil) -> JSON? {
    object[path: "metadata", "managedFields"]?.items.first {
      $0["manager"]?.string == manager && $0["subresource"]?.string == subresource
    }
  }

  @Test func anApplyCreatesAndChanges() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.deployments, "web")
    let created = try await apply(path, Self.web, in: space).object(201)
    #expect(created[path: "spec", "strategy", "type"] == "RollingUpdate")
    let mine = entry(created, "me")
    #expect(mine?["operation"] == "Apply")
    #expect(
      mine?["fieldsV1"]?.description
        == #"{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:replicas":{},"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"web\"}":{".":{},"f:image":{},"f:name":{},"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}}}}}}"#
    )
    let same = try await apply(path, Self.web, in: space).object()
    #expect(same == created)
    let changed = try await apply(path, Self.web.replacing("image: web:1", with: "image: web:2"), in: space).object()
    let container = changed[path: "spec", "template", "spec", "containers"]?.items.first
    #expect(container?["image"] == "web:2")
    #expect(container?["ports"] == [["containerPort": 80, "protocol": "TCP"]])
    #expect(changed.generation == created.generation + 1)
  }

  @Test func whatIsNoLongerAppliedGoes() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.deployments, "web")
    _ = try await apply(path, Self.web, in: space).object(201)
    let less = Self.web.replacing("        ports:\n        - containerPort: 80", with: "")
      .replacing("  labels: {app: web}\n", with: "")
    let changed = try await apply(path, less, in: space).object()
    #expect(changed[path: "spec", "template", "spec", "containers"]?.items.first?["ports"] == nil)
    #expect(changed["metadata"]?["labels"] == nil)
  }

  @Test func conflictsAreRefusedAndForced() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.deployments, "web")
    _ = try await space.server.post(
      space.path(.deployments) + "?fieldManager=kubectl-client-side-apply", TestObjects.deployment("web", replicas: 1)
    ).object(201)
    let wanted = #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":3}}"#
    let status = try await apply(path, wanted, in: space).refused(
      409, "Conflict",
      "Apply failed with 1 conflict: conflict with \"kubectl-client-side-apply\" using apps/v1: .spec.replicas")
    #expect(
      status["details"] == [
        "causes": [
          [
            "reason": "FieldManagerConflict", "message": "conflict with \"kubectl-client-side-apply\" using apps/v1",
            "field": ".spec.replicas",
          ]
        ]
      ])
    let forced = try await apply(path, wanted, in: space, query: "fieldManager=me&force=true").object()
    #expect(forced[path: "spec", "replicas"] == 3)
    #expect(entry(forced, "me")?["fieldsV1"] == ["f:spec": ["f:replicas": [:]]])
    let fields = entry(forced, "kubectl-client-side-apply")?["fieldsV1"]
    #expect(fields?["f:spec"] != nil && fields?[path: "f:spec", "f:replicas"] == nil)
  }

  @Test func theRequestIsChecked() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.configMaps, "a")
    let body = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {x: y}}"
    try await apply(path, body, in: space, query: "").refused(
      422, "Invalid",
      "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch")
    try await apply(path, body.replacing("name: a", with: "name: b"), in: space).refused(
      400, "BadRequest", "the name of the object (b) does not match the name on the URL (a)")
    try await apply(path, body.replacing("name: a", with: "name: a, managedFields: []"), in: space).refused(
      400, "BadRequest", "metadata.managedFields must be nil")
    try await apply(path, body.replacing("kind: ConfigMap", with: "kind: Secret"), in: space).refused(
      400, "BadRequest", "invalid object type: /v1, Kind=Secret")
    try await apply(path, body.replacing(", data:", with: ", datum:"), in: space).refused(
      500, "",
      "failed to create typed patch object (a; /v1, Kind=ConfigMap): .datum: field not declared in schema")
    try await apply(path, body.replacing("name: a", with: "name: a, uid: u"), in: space).refused(
      409, "Conflict",
      "Operation cannot be fulfilled on configmaps \"a\": uid mismatch: the provided object specified uid u, "
        + "and no existing object was found")
    try await apply(path, body, in: space, query: "fieldManager=a%0ab").refused(
      422, "Invalid",
      "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Invalid value: \"a\\nb\": invalid character U+000A "
        + "(at position 1)")
    try await space.server.patch(path + "?force=true", ["data": [:]]).refused(
      422, "Invalid",
      "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch")
    let cbor = try await space.server.send(
      .patch, path + "?fieldManager=me", headers: [.contentType: "application/apply-patch+cbor"])
    _ = try cbor.object(415)
    _ = try await apply(path, body, in: space, query: "fieldManager=me&dryRun=All").object(201)
    try await space.get(.configMaps, "a").refused(404, "NotFound", "configmaps \"a\" not found")
    _ = try await apply(path, body, in: space).object(201)
    try await apply(path, body.replacing("name: a", with: "name: a, resourceVersion: '1'"), in: space).refused(
      409, "Conflict",
      "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to "
        + "the latest version and try again")
  }

  @Test func statusAndScaleAreAppliedApart() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.deployments, "web")
    try await apply(path + "/status", Self.web, in: space).refused(
      404, "NotFound", "deployments.apps \"web\" not found")
    _ = try await apply(path, Self.web, in: space).object(201)
    let status = """
      {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 9},
       status: {conditions: [{type: Available, status: "True", reason: r, message: m}], readyReplicas: 1, replicas: 1}}
      """
    let changed = try await apply(path + "/status", status, in: space, query: "fieldManager=controller").object()
    #expect(changed[path: "spec", "replicas"] == 2 && changed[path: "status", "readyReplicas"] == 1)
    let set = entry(changed, "controller", "status")?["fieldsV1"]
    #expect(set?["f:status"] != nil && set?["f:spec"] == nil)

    let scale = "{apiVersion: autoscaling/v1, kind: Scale, metadata: {name: web}, spec: {replicas: 4}}"
    try await apply(path + "/scale", scale, in: space, query: "fieldManager=scaler").refused(
      409, "Conflict", "Apply failed with 1 conflict: conflict with \"me\": .spec.replicas")
    let scaled = try await apply(path + "/scale", scale, in: space, query: "fieldManager=scaler&force=true").object()
    #expect(scaled.kind == "Scale" && scaled[path: "spec", "replicas"] == 4)
    let object = try await space.get(.deployments, "web").object()
    #expect(entry(object, "scaler", "scale")?["fieldsV1"] == ["f:spec": ["f:replicas": [:]]])
    #expect(entry(object, "me")?[path: "fieldsV1", "f:spec", "f:replicas"] == nil)
    let again = try await apply(path, Self.web, in: space)
    try again.refused(
      409, "Conflict",
      "Apply failed with 1 conflict: conflict with \"scaler\" with subresource \"scale\": .spec.replicas")
  }

  @Test func everyWriteIsRecorded() async throws {
    let space = try await TestServer.shared.namespace()
    var headers: HTTPFields = [.contentType: "application/json", .userAgent: "maker/v1.2 (linux/amd64)"]
    let object = TestObjects.configMap("a", data: ["x": "1"])
    let created = try await space.server.send(
      .post, space.path(.configMaps), body: object.encoded(), headers: headers
    ).object(201)
    #expect(entry(created, "maker")?["fieldsV1"] == ["f:data": [".": [:], "f:x": [:]]])
    #expect(entry(created, "maker")?["apiVersion"] == "v1")

    var changed = created
    changed[path: "data", "x"] = "2"
    changed[path: "data", "y"] = "2"
    headers[.userAgent] = "changer"
    let updated = try await space.server.send(
      .put, space.path(.configMaps, "a"), body: changed.encoded(), headers: headers
    ).object()
    #expect(entry(updated, "maker")?["fieldsV1"] == ["f:data": [:]])
    #expect(entry(updated, "changer")?["fieldsV1"] == ["f:data": ["f:x": [:], "f:y": [:]]])

    let same = try await space.server.patch(space.path(.configMaps, "a") + "?fieldManager=p", ["data": ["y": "2"]])
    #expect(try same.object() == updated)
    let reset = try await space.server.patch(
      space.path(.configMaps, "a"), ["metadata": ["managedFields": [[:]]]]
    ).object()
    #expect(reset["metadata"]?["managedFields"] == nil)
  }

  @Test func servicesOwnWhatTheServerDidNotChoose() async throws {
    let space = try await TestServer.shared.namespace()
    let created = try await space.create(.services, TestObjects.service("a"), query: "?fieldManager=me").object(201)
    #expect(
      entry(created, "me")?["fieldsV1"]?.description
        == #"{"f:spec":{"f:internalTrafficPolicy":{},"f:ports":{".":{},"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:port":{},"f:protocol":{},"f:targetPort":{}}},"f:selector":{},"f:sessionAffinity":{},"f:type":{}}}"#
    )
  }

  @Test func managersThatAClientSendsAreTakenWhereTheyMakeSense() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.configMaps, "a")
    let created = try await space.create(
      .configMaps, TestObjects.configMap("a", data: ["x": "1", "y": "1"]), query: "?fieldManager=old"
    ).object(201)
    // As kubectl moves what it applied from the client: under another name, in one patch.
    var managed = created[path: "metadata", "managedFields"]?.items ?? []
    managed[0]["manager"] = "new"
    managed[0]["operation"] = "Apply"
    let moved = try await space.server.patch(path, ["metadata": ["managedFields": .array(managed)]]).object()
    #expect(entry(moved, "old") == nil && entry(moved, "new")?["operation"] == "Apply")
    #expect(entry(moved, "new")?["fieldsV1"] == entry(created, "old")?["fieldsV1"])
    let less = try await apply(
      path, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {x: '1'}}", in: space,
      query: "fieldManager=new"
    ).object()
    #expect(less["data"] == ["x": "1"])
    // What is no set, or far too much, changes nothing.
    let entry = managed[0]
    var wrong = entry
    wrong["fieldsV1"] = ["spec": [:]]
    for list in [[wrong], Array(repeating: entry, count: 5_000)] {
      let same = try await space.server.patch(path, ["metadata": ["managedFields": .array(list)]]).object()
      #expect(same == less)
    }
  }

  @Test func manyFieldsAreMergedInLinearTime() async throws {
    let space = try await TestServer.shared.namespace()
    var data = JSONObject()
    for number in 0..<2_000 { data.members.append(.init(key: "key-\(number)", value: "v")) }
    let object = TestObjects.configMap("a", data: .object(data))
    let created = try await apply(space.path(.configMaps, "a"), object.description, in: space).object(201)
    let start = ContinuousClock.now
    let same = try await apply(space.path(.configMaps, "a"), object.description, in: space).object()
    #expect(same == created)
    // Quadratic work would take minutes.
    #expect(ContinuousClock.now - start < .seconds(40))
  }
}
