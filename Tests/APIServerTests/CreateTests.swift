import JSONTree
import KubernetesAPI
import Testing

@Suite struct CreateTests {
  @Test func everyKindIsCreatedReadListedAndDeleted() async throws {
    let space = try await TestServer.shared.namespace()
    for (kind, object) in TestObjects.every("web") {
      let made = try await space.create(kind, object).object(201)
      #expect(made.kind == kind.kind && made.apiVersion == kind.apiVersion)
      #expect(made.objectName == ObjectName(namespace: space.name, name: "web"))
      #expect(!made.uid.isEmpty && !made.resourceVersion.isEmpty && made.creationTimestamp != nil)
      #expect(try await space.get(kind, "web").object() == made)
      let list = try await space.server.get(space.path(kind)).object()
      #expect(list.kind == kind.listKind && list.apiVersion == kind.apiVersion)
      #expect(list["items"]?.items.contains(made) == true, "\(kind.plural)")
      _ = try await space.server.delete(space.path(kind, "web"), ["gracePeriodSeconds": 0]).object()
      try await space.get(kind, "web").refused(404, "NotFound", "\(kind.qualifiedResource) \"web\" not found")
    }
  }

  @Test func aMissingObjectIsNamedInTheStatus() async throws {
    let space = try await TestServer.shared.namespace()
    let status = try await space.get(.deployments, "web").refused(
      404, "NotFound", "deployments.apps \"web\" not found")
    #expect(status["details"] == ["name": "web", "group": "apps", "kind": "deployments"])
    let core = try await space.get(.configMaps, "web").refused(404, "NotFound", "configmaps \"web\" not found")
    #expect(core["details"] == ["name": "web", "kind": "configmaps"])
  }

  @Test func aNameIsTakenOnce() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.secrets, TestObjects.secret("a")).object(201)
    let status = try await space.create(.secrets, TestObjects.secret("a"))
      .refused(409, "AlreadyExists", "secrets \"a\" already exists")
    #expect(status["details"] == ["name": "a", "kind": "secrets"])
  }

  @Test func generatedNamesBeginWithTheirPrefixAndDiffer() async throws {
    let space = try await TestServer.shared.namespace()
    var object = TestObjects.configMap("")
    object["metadata"] = ["generateName": "job-"]
    let names = try await [
      space.create(.configMaps, object).object(201).name, space.create(.configMaps, object).object(201).name,
    ]
    for name in names {
      #expect(name.hasPrefix("job-") && name.utf8.count == 9)
      #expect(name.dropFirst(4).allSatisfy { "bcdfghjklmnpqrstvwxz2456789".contains($0) })
    }
    #expect(names[0] != names[1])
  }

  @Test func aNameIsRequired() async throws {
    let space = try await TestServer.shared.namespace()
    let status = try await space.create(.configMaps, ["data": [:]]).refused(
      422, "Invalid", "ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is required")
    #expect(
      status["details"]?["causes"] == [
        [
          "reason": "FieldValueRequired", "message": "Required value: name or generateName is required",
          "field": "metadata.name",
        ]
      ])
  }

  @Test func aWrongNameIsRefusedWithTheRule() async throws {
    let space = try await TestServer.shared.namespace()
    let status = try await space.create(.configMaps, TestObjects.configMap("Web_1")).refused(
      422, "Invalid",
      "ConfigMap \"Web_1\" is invalid: metadata.name: Invalid value: \"Web_1\": a lowercase RFC 1123 subdomain must "
        + "consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric "
        + "character (e.g. 'example.com', regex used for validation is "
        + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')")
    #expect(status["details"]?["kind"] == "ConfigMap")
  }

  @Test func severalFaultsStandInBrackets() async throws {
    let space = try await TestServer.shared.namespace()
    var pod = TestObjects.pod("web")
    pod[path: "spec", "containers"] = [["name": "web"], ["name": "web", "image": "i"]]
    let status = try await space.create(.pods, pod).refused(
      422, "Invalid",
      "Pod \"web\" is invalid: [spec.containers[0].image: Required value, "
        + "spec.containers[1].name: Duplicate value: \"web\"]")
    #expect(status["details"]?["causes"]?.items.count == 2)
  }

  @Test func serverMetadataCannotBeGiven() async throws {
    let space = try await TestServer.shared.namespace()
    var object = TestObjects.configMap("a")
    for (member, value) in [
      ("uid", "mine"), ("creationTimestamp", "2001-01-01T00:00:00Z"), ("deletionTimestamp", "2001-01-01T00:00:00Z"),
      ("selfLink", "/a"),
    ] { object[path: "metadata", member] = .string(value) }
    object[path: "metadata", "generation"] = 7
    let made = try await space.create(.configMaps, object).object(201)
    #expect(made.uid != "mine" && made.creationTimestamp != "2001-01-01T00:00:00Z")
    for member in ["deletionTimestamp", "selfLink", "generation"] { #expect(made.metadata[member] == nil) }
  }

  @Test func aRevisionCannotBeGiven() async throws {
    let space = try await TestServer.shared.namespace()
    var object = TestObjects.configMap("a")
    object[path: "metadata", "resourceVersion"] = "1"
    try await space.create(.configMaps, object).refused(
      500, "", "resourceVersion should not be set on objects to be created")
  }

  @Test func aBodyMustFitThePath() async throws {
    let space = try await TestServer.shared.namespace()
    var object = TestObjects.configMap("a")
    object[path: "metadata", "namespace"] = "elsewhere"
    try await space.create(.configMaps, object).refused(
      400, "BadRequest", "the namespace of the provided object does not match the namespace sent on the request")
    try await space.create(.configMaps, TestObjects.secret("a")).refused(
      400, "BadRequest",
      "Secret in version \"v1\" cannot be handled as a ConfigMap: converting (v1.Secret) to (v1.ConfigMap): "
        + "unknown conversion")
    object = TestObjects.deployment("a")
    object["apiVersion"] = "apps/v1beta1"
    try await space.create(.deployments, object).refused(
      400, "BadRequest",
      "the API version in the data (apps/v1beta1) does not match the expected API version (apps/v1)")
  }

  @Test func podsGetTheirDefaultsAndTheirAccount() async throws {
    let space = try await TestServer.shared.namespace()
    let pod = try await space.create(.pods, TestObjects.pod("web")).object(201)
    #expect(pod.status == ["phase": "Pending", "qosClass": "BestEffort"])
    #expect(pod.generation == 1)
    #expect(pod.spec["serviceAccountName"] == "default" && pod.spec["restartPolicy"] == "Always")
    #expect(pod.spec["terminationGracePeriodSeconds"] == 30 && pod.spec["dnsPolicy"] == "ClusterFirst")
    let mounts = pod.spec["containers"]?.items.first?["volumeMounts"]?.items ?? []
    #expect(mounts.map { $0["mountPath"] } == ["/var/run/secrets/kubernetes.io/serviceaccount"])
    #expect(pod.spec["tolerations"]?.items.map { $0["tolerationSeconds"]?.int } == [300, 300])
  }

  @Test func aPodNeedsItsServiceAccount() async throws {
    let space = try await TestServer.shared.namespace()
    var pod = TestObjects.pod("web")
    pod[path: "spec", "serviceAccountName"] = "nobody"
    try await space.create(.pods, pod).refused(
      403, "Forbidden",
      "pods \"web\" is forbidden: error looking up service account \(space.name)/nobody: serviceaccount \"nobody\" "
        + "not found")
  }

  @Test func secretsKeepTextEncoded() async throws {
    let space = try await TestServer.shared.namespace()
    let secret = try await space.create(.secrets, TestObjects.secret("a", text: ["user": "admin"])).object(201)
    #expect(secret["data"] == ["user": "YWRtaW4="] && secret["stringData"] == nil && secret["type"] == "Opaque")
  }

  @Test func aPodWithoutASpecLacksItsContainers() async throws {
    let space = try await TestServer.shared.namespace()
    try await space.create(.pods, ["apiVersion": "v1", "kind": "Pod", "metadata": ["name": "a"]]).refused(
      422, "Invalid", "Pod \"a\" is invalid: spec.containers: Required value")
  }

  @Test func repeatedOwnersAreDroppedWithAWarning() async throws {
    let space = try await TestServer.shared.namespace()
    let owner: JSON = ["apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": "u1"]
    var object = TestObjects.configMap("a")
    object[path: "metadata", "ownerReferences"] = [owner, owner]
    let answer = try await space.create(.configMaps, object)
    #expect(try answer.object(201).ownerReferences == [owner])
    #expect(
      answer.warnings == [
        "299 - \".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and "
          + "may reject such requests as early as 1.24; please fix your request; duplicate UID(s) observed: u1\""
      ])
  }
}
