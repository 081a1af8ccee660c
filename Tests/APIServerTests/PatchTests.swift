import HTTPTypes
import JSONTree
import KubernetesAPI
import Testing

@Suite struct PatchTests {
  private func deployment(_ space: TestNamespace) async throws -> String {
    var object = TestObjects.deployment("web")
    object[path: "spec", "template", "spec", "containers"] = [
      ["name": "web", "image": "web:1", "ports": [["containerPort": 80]]], ["name": "proxy", "image": "proxy:1"],
    ]
    _ = try await space.create(.deployments, object).object(201)
    return space.path(.deployments, "web")
  }

  private func images(_ object: JSON) -> [String: String] {
    let containers = object[path: "spec", "template", "spec", "containers"]?.items ?? []
    return Dictionary(
      uniqueKeysWithValues: containers.map { ($0["name"]?.string ?? "", $0["image"]?.string ?? "") })
  }

  @Test func aStrategicPatchMergesContainersByName() async throws {
    let space = try await TestServer.shared.namespace()
    let path = try await deployment(space)
    let changed = try await space.server.patch(
      path, ["spec": ["template": ["spec": ["containers": [["name": "web", "image": "web:2"]]]]]], as: .strategic
    ).object()
    #expect(images(changed) == ["web": "web:2", "proxy": "proxy:1"])
    let removed = try await space.server.patch(
      path, ["spec": ["template": ["spec": ["containers": [["$patch": "delete", "name": "proxy"]]]]]], as: .strategic
    ).object()
    #expect(images(removed) == ["web": "web:2"])
    #expect(
      removed[path: "spec", "template", "spec", "containers"]?.items.first?["ports"]
        == [["containerPort": 80, "protocol": "TCP"]])
  }

  @Test func aMergePatchReplacesLists() async throws {
    let space = try await TestServer.shared.namespace()
    let path = try await deployment(space)
    let changed = try await space.server.patch(
      path, ["spec": ["template": ["spec": ["containers": [["name": "only", "image": "only:1"]]]]]]
    ).object()
    #expect(images(changed) == ["only": "only:1"])
  }

  @Test func aMergePatchRemovesWithNull() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.configMaps, TestObjects.configMap("a", data: ["x": "1", "y": "2"])).object(201)
    let changed = try await space.server.patch(space.path(.configMaps, "a"), ["data": ["x": .null, "z": "3"]]).object()
    #expect(changed["data"] == ["y": "2", "z": "3"])
  }

  @Test func aJSONPatchTestsAndChanges() async throws {
    let space = try await TestServer.shared.namespace()
    let path = try await deployment(space)
    let changed = try await space.server.patch(
      path,
      [
        ["op": "test", "path": "/spec/replicas", "value": 2], ["op": "replace", "path": "/spec/replicas", "value": 4],
        ["op": "add", "path": "/metadata/labels", "value": ["a/b": "c"]],
        ["op": "remove", "path": "/spec/template/spec/containers/1"],
      ], as: .json
    ).object()
    #expect(changed.spec["replicas"] == 4 && changed.labels == ["a/b": "c"])
    #expect(images(changed) == ["web": "web:1"])
  }

  @Test func aJSONPatchThatDoesNotApplyIsRefusedWhole() async throws {
    let space = try await TestServer.shared.namespace()
    let path = try await deployment(space)
    let answer = try await space.server.patch(
      path,
      [
        ["op": "replace", "path": "/spec/replicas", "value": 4], ["op": "test", "path": "/spec/paused", "value": true],
      ], as: .json)
    let status = try answer.refused(
      422, "Invalid", "the server rejected our request due to an error in our request")
    #expect(status["details"] == [:])
    #expect(try await space.server.get(path).object().spec["replicas"] == 2)
  }

  @Test func aPatchedObjectIsValidated() async throws {
    let space = try await TestServer.shared.namespace()
    let path = try await deployment(space)
    try await space.server.patch(path, ["spec": ["replicas": -1]]).refused(
      422, "Invalid",
      "Deployment.apps \"web\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0")
    let wrongType = try await space.server.patch(path, ["spec": ["replicas": "many"]])
    #expect(try wrongType.object(422)["message"]?.string?.contains("spec.replicas") == true, "\(wrongType)")
  }

  @Test func malformedPatchesAreRefused() async throws {
    let space = try await TestServer.shared.namespace()
    let path = try await deployment(space)
    for format in TestServer.PatchFormat.allCases {
      let answer = try await space.server.send(
        .patch, path, body: Array("{".utf8), headers: [.contentType: "application/\(format.rawValue)-patch+json"])
      let status = try answer.object(400)
      #expect(status["reason"] == "BadRequest")
      #expect(status["message"]?.string?.hasPrefix("error decoding patch") == true)
    }
    #expect(try await space.server.patch(path, ["spec": [:]], as: .json).code == 400)
    #expect(try await space.server.patch(path, [], as: .merge).code == 400)
  }

  @Test func anUnknownFormatIsNamed() async throws {
    let space = try await TestServer.shared.namespace()
    let path = try await deployment(space)
    let plain = try await space.server.send(
      .patch, path, body: Array("{}".utf8), headers: [.contentType: "application/json"])
    try plain.refused(
      415, "UnsupportedMediaType",
      "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, "
        + "application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml")
  }

  @Test func aPatchCannotMakeAnotherObjectOfIt() async throws {
    let space = try await TestServer.shared.namespace()
    let path = try await deployment(space)
    try await space.server.patch(path, ["metadata": ["uid": "other"]]).refused(
      422, "Invalid",
      "Deployment.apps \"web\" is invalid: metadata.uid: Invalid value: \"other\": field is immutable")
  }

  @Test func aPatchCannotMoveAnObject() async throws {
    let space = try await TestServer.shared.namespace()
    let path = try await deployment(space)
    try await space.server.patch(path, ["metadata": ["namespace": "default"]]).refused(
      400, "BadRequest", "the namespace of the provided object does not match the namespace sent on the request")
    #expect(try await space.server.patch(path, ["kind": "ReplicaSet"]).code == 400)
  }

  @Test func aPatchMayClearADefaultedField() async throws {
    let space = try await TestServer.shared.namespace()
    let path = try await deployment(space)
    let patch: JSON = ["spec": ["revisionHistoryLimit": .null, "strategy": .null]]
    let changed = try await space.server.patch(path, patch).object()
    #expect(changed.spec["revisionHistoryLimit"] == 10)
    #expect(changed.spec["strategy"]?["type"] == "RollingUpdate")
  }
}
