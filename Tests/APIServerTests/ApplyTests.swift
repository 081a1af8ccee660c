import HTTPTypes
import JSONTree
import KubernetesAPI
import Testing

@testable import APIServer

/// Server-side apply and field managers, as kubectl and controllers see them.
@Suite struct ApplyTests {
  private func apply(
    _ space: TestNamespace, _ kind: ResourceKind, _ object: JSON, as manager: String, force: Bool = false,
    query: String = "", subresource: String? = nil
  ) async throws -> Answer {
    let path = kind.objectPath(namespace: space.name, name: object.name, subresource: subresource)
    return try await space.server.send(
      .patch, "\(path)?fieldManager=\(manager)\(force ? "&force=true" : "")\(query)", body: object.encoded(),
      headers: [.contentType: "application/apply-patch+yaml"])
  }

  private func managers(_ object: JSON) -> [String] {
    (object["metadata"]?["managedFields"]?.items ?? []).map {
      "\($0["manager"]?.string ?? "") \($0["operation"]?.string ?? "") \($0["subresource"]?.string ?? "-")"
    }
  }

  private func fields(_ object: JSON, of manager: String) -> [String] {
    let entry = (object["metadata"]?["managedFields"]?.items ?? []).first { $0["manager"]?.string == manager }
    return entry?["fieldsV1"].flatMap { FieldSet(fieldsV1: $0) }?.paths ?? []
  }

  @Test func makesChangesAndTakesBack() async throws {
    let space = try await TestServer.shared.namespace()
    let first = try await apply(
      space, .configMaps, TestObjects.configMap("a", data: ["x": "1", "y": "1"]), as: "one"
    ).object(201)
    #expect(managers(first) == ["one Apply -"])
    #expect(fields(first, of: "one") == [".data.x", ".data.y"])
    // The same again is no write.
    let same = try await apply(
      space, .configMaps, TestObjects.configMap("a", data: ["x": "1", "y": "1"]), as: "one"
    ).object()
    #expect(same == first)
    // Another manager adds its own; what the first no longer says goes, what the other says stays.
    let second = try await apply(
      space, .configMaps, TestObjects.configMap("a", data: ["y": "1", "z": "2"]), as: "two"
    ).object()
    #expect(
      fields(second, of: "two") == [".data.y", ".data.z"] && fields(second, of: "one") == [".data.x", ".data.y"])
    let third = try await apply(space, .configMaps, TestObjects.configMap("a", data: [:]), as: "one").object()
    #expect(third["data"] == ["y": "1", "z": "2"])
  }

  @Test func conflictsAreNamedAndForced() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.server.send(
      .post, ResourceKind.deployments.collectionPath(namespace: space.name) + "?fieldManager=kubectl-create",
      body: TestObjects.deployment("web", replicas: 2).encoded(), headers: [.contentType: "application/json"]
    ).object(201)
    let wanted: JSON = [
      "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web"], "spec": ["replicas": 5],
    ]
    let refused = try await apply(space, .deployments, wanted, as: "me").refused(
      409, "Conflict",
      #"Apply failed with 1 conflict: conflict with "kubectl-create" using apps/v1: .spec.replicas"#)
    #expect(
      refused["details"]?["causes"] == [
        [
          "reason": "FieldManagerConflict", "message": #"conflict with "kubectl-create" using apps/v1"#,
          "field": ".spec.replicas",
        ]
      ])
    let forced = try await apply(space, .deployments, wanted, as: "me", force: true).object()
    #expect(forced.spec["replicas"] == 5 && fields(forced, of: "me") == [".spec.replicas"])
    #expect(!fields(forced, of: "kubectl-create").contains(".spec.replicas"))
    // To agree is no conflict.
    _ = try await apply(space, .deployments, wanted, as: "other").object()
  }

  @Test func aContainerIsRemovedWithItsDefaults() async throws {
    let space = try await TestServer.shared.namespace()
    var object = TestObjects.deployment("web")
    var containers = object.spec[path: "template", "spec", "containers"]?.items ?? []
    containers.append(["name": "second", "image": "second:1", "ports": [["containerPort": 81]]])
    var both = object
    both[path: "spec", "template", "spec", "containers"] = .array(containers)
    let made = try await apply(space, .deployments, both, as: "me").object(201)
    #expect(made.spec[path: "template", "spec", "containers"]?.items.count == 2)
    object[path: "metadata", "labels"] = ["a": "b"]
    let changed = try await apply(space, .deployments, object, as: "me").object()
    #expect(changed.spec[path: "template", "spec", "containers"]?.items.count == 1)
    #expect(changed.labels == ["a": "b"] && changed.generation == 2)
    // What nobody names any more goes altogether, and so does the map it stood in.
    object[path: "metadata", "labels"] = nil
    let bare = try await apply(space, .deployments, object, as: "me").object()
    #expect(bare["metadata"]?["labels"] == nil)
  }

  @Test func statusHasManagersOfItsOwn() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await apply(space, .deployments, TestObjects.deployment("web"), as: "me").object(201)
    let status: JSON = [
      "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web"], "status": ["replicas": 3],
    ]
    let written = try await apply(space, .deployments, status, as: "controller", subresource: "status").object()
    #expect(written.status["replicas"] == 3)
    #expect(managers(written).contains("controller Apply status"))
    #expect(fields(written, of: "controller") == [".status.replicas"])
    let path = ResourceKind.deployments.objectPath(namespace: space.name, name: "web")
    var changed = written
    changed[path: "status", "replicas"] = 9
    changed[path: "spec", "replicas"] = 7
    let updated = try await space.server.put(path, changed).object()
    #expect(updated.status["replicas"] == 3 && updated.spec["replicas"] == 7)
  }

  @Test func updatesAreManagedByTheirClients() async throws {
    let space = try await TestServer.shared.namespace()
    let path = ResourceKind.configMaps.objectPath(namespace: space.name, name: "a")
    let made = try await space.server.send(
      .post, ResourceKind.configMaps.collectionPath(namespace: space.name),
      body: TestObjects.configMap("a", data: ["x": "1"]).encoded(),
      headers: [.contentType: "application/json", .userAgent: "client/1.0 (test)"]
    ).object(201)
    #expect(managers(made) == ["client Update -"] && fields(made, of: "client") == [".data", ".data.x"])
    let patched = try await space.server.patch(path + "?fieldManager=other", ["data": ["x": "2"]]).object()
    #expect(fields(patched, of: "other") == [".data.x"] && fields(patched, of: "client") == [".data"])
    // Nothing changed, nothing written.
    #expect(try await space.server.patch(path + "?fieldManager=third", ["data": ["x": "2"]]).object() == patched)
    let reset = try await space.server.patch(path, ["metadata": ["managedFields": [[:]]]]).object()
    #expect(reset["metadata"]?["managedFields"] == nil)
  }

  @Test func mistakesAreExplained() async throws {
    let space = try await TestServer.shared.namespace()
    let path = ResourceKind.configMaps.objectPath(namespace: space.name, name: "a")
    let headers: HTTPFields = [.contentType: "application/apply-patch+yaml"]
    let body = TestObjects.configMap("a").encoded()
    let nameless = try await space.server.send(.patch, path, body: body, headers: headers)
    #expect(nameless.code == 422 && nameless.text.contains("is required for apply patch"))
    let forced = try await space.server.patch(path + "?force=true", ["data": [:]])
    #expect(forced.code == 422 && forced.text.contains("may not be specified for non-apply patch"))
    var managed = TestObjects.configMap("a")
    managed[path: "metadata", "managedFields"] = [["manager": "me", "operation": "Apply"]]
    try await apply(space, .configMaps, managed, as: "me").refused(
      400, "BadRequest", "metadata.managedFields must be nil")
    var unknown = TestObjects.configMap("a")
    unknown["nobody"] = 1
    let strict = try await apply(space, .configMaps, unknown, as: "me", query: "&fieldValidation=Strict")
    #expect(strict.code == 400 && strict.text.contains(#"unknown field \"nobody\""#))
    // A dry run makes nothing.
    _ = try await apply(space, .configMaps, TestObjects.configMap("a"), as: "me", query: "&dryRun=All").object(201)
    #expect(try await space.server.get(path).code == 404)
  }
}
