import HTTPTypes
import JSONTree
import KubernetesAPI
import Testing

@Suite struct FieldValidationTests {
  private static let duplicated = """
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "nickname": "b"}, "data": {"x": "1"},
     "data": {"x": "2"}, "extra": 1}
    """
  private static let complaints = [
    "unknown field \"metadata.nickname\"", "duplicate field \"data\"", "unknown field \"extra\"",
  ]

  private func send(_ space: TestNamespace, _ query: String) async throws -> Answer {
    try await space.server.send(
      .post, space.path(.configMaps) + query, body: Array(Self.duplicated.utf8),
      headers: [.contentType: "application/json"])
  }

  @Test func strictRefusesWhatItDoesNotKnow() async throws {
    let space = try await TestServer.shared.namespace()
    try await send(space, "?fieldValidation=Strict").refused(
      400, "BadRequest",
      "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: "
        + Self.complaints.joined(separator: ", "))
    #expect(try await space.get(.configMaps, "a").code == 404)
  }

  @Test(arguments: ["?fieldValidation=Warn", ""]) func warnTellsInHeaders(query: String) async throws {
    let space = try await TestServer.shared.namespace()
    let answer = try await send(space, query)
    #expect(
      answer.warnings == Self.complaints.map { "299 - \"\($0.replacing("\"", with: "\\\""))\"" })
    let made = try answer.object(201)
    #expect(made["extra"] == nil && made.metadata["nickname"] == nil && made["data"] == ["x": "2"])
  }

  @Test func ignoreIsSilent() async throws {
    let space = try await TestServer.shared.namespace()
    let answer = try await send(space, "?fieldValidation=Ignore")
    #expect(answer.warnings.isEmpty)
    #expect(try answer.object(201)["extra"] == nil)
  }

  @Test func anotherValueIsRefused() async throws {
    let space = try await TestServer.shared.namespace()
    let message =
      "fieldValidation: Unsupported value: \"Loose\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\""
    try await send(space, "?fieldValidation=Loose").refused(
      422, "Invalid", "CreateOptions.meta.k8s.io \"\" is invalid: \(message)")
    try await space.server.put(space.path(.configMaps, "a") + "?fieldValidation=Loose", TestObjects.configMap("a"))
      .refused(422, "Invalid", "UpdateOptions.meta.k8s.io \"\" is invalid: \(message)")
    try await space.server.patch(space.path(.configMaps, "a") + "?fieldValidation=Loose", [:])
      .refused(422, "Invalid", "PatchOptions.meta.k8s.io \"\" is invalid: \(message)")
  }

  @Test func pathsShowPlacesInLists() async throws {
    let space = try await TestServer.shared.namespace()
    var pod = TestObjects.pod("web")
    pod[path: "spec", "containers"] = [
      ["name": "web", "image": "i", "ports": [["containerPort": 80, "hostport": 80]]]
    ]
    try await space.create(.pods, pod, query: "?fieldValidation=Strict").refused(
      400, "BadRequest",
      "Pod in version \"v1\" cannot be handled as a Pod: strict decoding error: unknown field "
        + "\"spec.containers[0].ports[0].hostport\"")
  }

  @Test func patchesAreValidatedToo() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.deployments, "web")
    _ = try await space.create(.deployments, TestObjects.deployment("web")).object(201)
    for format in [TestServer.PatchFormat.merge, .strategic] {
      let strict = try await space.server.patch("\(path)?fieldValidation=Strict", ["spec": ["replica": 3]], as: format)
      let status = try strict.object(422)
      let message = status["message"]?.string ?? ""
      #expect(message.hasPrefix(" \"\" is invalid: patch: Invalid value: \""), "\(strict)")
      #expect(message.hasSuffix(": strict decoding error: unknown field \"spec.replica\""), "\(strict)")
      #expect(message.contains("Invalid value: \"map[spec:map[replica:3]]\"") == (format == .strategic))
      #expect(status["details"]?["causes"]?.items.first?["field"] == "patch")
      let warned = try await space.server.patch(path, ["spec": ["replica": 3]], as: format)
      #expect(warned.warnings == ["299 - \"unknown field \\\"spec.replica\\\"\""])
      #expect(try warned.object().spec["replica"] == nil)
    }
    let json = try await space.server.patch(
      "\(path)?fieldValidation=Strict", [["op": "add", "path": "/spec/replica", "value": 3]], as: .json)
    #expect(try json.object(422)["message"]?.string?.contains("unknown field \"spec.replica\"") == true, "\(json)")
  }

  @Test func repeatedNamesInYAMLAreToldByLine() async throws {
    let space = try await TestServer.shared.namespace()
    let text = """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: a, name: b}
      data:
        x: "1"
        "x": "2"
        x: "3"
      """
    let fault =
      "yaml: unmarshal errors:\n  line 3: key \"name\" already set in map\n"
      + "  line 6: key \"x\" already set in map\n  line 7: key \"x\" already set in map"
    func send(_ validation: String) async throws -> Answer {
      try await space.server.send(
        .post, space.path(.configMaps) + "?dryRun=All&fieldValidation=" + validation, body: Array(text.utf8),
        headers: [.contentType: "application/yaml"])
    }
    try await send("Strict").refused(
      400, "BadRequest",
      "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: \(fault)")
    let made = try await send("Ignore").object(201)
    #expect(made.name == "b" && made["data"] == ["x": "3"])
    #expect(try await send("Warn").warnings.count == 1)
    try await space.server.send(
      .patch, space.path(.configMaps, "b") + "?fieldManager=m&fieldValidation=Strict", body: Array(text.utf8),
      headers: [.contentType: "application/apply-patch+yaml"]
    ).refused(
      400, "BadRequest", "error strict decoding YAML: error converting YAML to JSON: \(fault)")
  }

  @Test func aWrongTypeIsRefusedUnderEveryValidation() async throws {
    let space = try await TestServer.shared.namespace()
    var deployment = TestObjects.deployment("web")
    deployment[path: "spec", "replicas"] = "three"
    for validation in ["Ignore", "Warn", "Strict"] {
      try await space.create(.deployments, deployment, query: "?fieldValidation=\(validation)").refused(
        400, "BadRequest",
        "Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct "
          + "field spec.replicas of type int32")
    }
  }
}
