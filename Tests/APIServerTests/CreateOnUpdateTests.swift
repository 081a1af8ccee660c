import HTTPTypes
import JSONTree
import KubernetesAPI
import Testing

@testable import APIServer

/// An update of what is not there makes objects of some kinds, and of no others.
@Suite struct CreateOnUpdateTests {
  @Test func aLeaseIsMadeByPut() async throws {
    let space = try await TestServer.shared.namespace()
    let lease: JSON = [
      "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": ["name": "l"],
      "spec": ["holderIdentity": "me"],
    ]
    let made = try await space.server.put(space.path(.leases, "l"), lease).object(201)
    #expect(made.uid != "" && made.spec["holderIdentity"] == "me")
    var changed = made
    changed[path: "spec", "holderIdentity"] = "you"
    #expect(try await space.server.put(space.path(.leases, "l"), changed).object().uid == made.uid)
  }

  @Test func aConfigMapIsNot() async throws {
    let space = try await TestServer.shared.namespace()
    try await space.server.put(space.path(.configMaps, "a"), TestObjects.configMap("a")).refused(
      404, "NotFound", #"configmaps "a" not found"#)
  }

  @Test func whoMayOnlyUpdateMakesNothing() async throws {
    let space = try await TestServer.shared.namespace()
    let name = "updater-\(space.name)"
    _ = try await space.create(
      .roles,
      [
        "metadata": ["name": "r"],
        "rules": [["verbs": ["update"], "apiGroups": [""], "resources": ["endpoints"]]],
      ]
    ).object(201)
    _ = try await space.create(
      .roleBindings,
      [
        "metadata": ["name": "b"], "roleRef": ["kind": "Role", "name": "r"],
        "subjects": [["kind": "User", "name": .string(name)]],
      ]
    ).object(201)
    var updater = space.server
    updater.user = User(name: name, groups: ["system:authenticated"])
    let endpoints: JSON = ["apiVersion": "v1", "kind": "Endpoints", "metadata": ["name": "e"]]
    #expect(try await updater.put(space.path(.endpoints, "e"), endpoints).code == 403)
    _ = try await space.server.put(space.path(.endpoints, "e"), endpoints).object(201)
    #expect(try await updater.put(space.path(.endpoints, "e"), endpoints).code == 200)
  }
}
