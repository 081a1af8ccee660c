import HTTPTypes
import JSONTree
import KubernetesAPI
import Testing

@testable import APIServer

/// Roles, bindings, reviews and impersonation.
@Suite struct AuthorizationTests {
  private func user(_ name: String, groups: [String] = [], on server: TestServer) -> TestServer {
    var server = server
    server.user = User(name: name, groups: groups + ["system:authenticated"])
    return server
  }

  private func role(_ name: String, _ rules: JSON) -> JSON { ["metadata": ["name": .string(name)], "rules": rules] }

  private func binding(_ name: String, role: String, kind: JSON = "Role", user: String) -> JSON {
    [
      "metadata": ["name": .string(name)], "roleRef": ["kind": kind, "name": .string(role)],
      "subjects": [["kind": "User", "name": .string(user)]],
    ]
  }

  @Test func whoHasNoRoleIsRefusedInUpstreamsWords() async throws {
    let space = try await TestServer.shared.namespace()
    let anna = user("anna", on: space.server)
    try await anna.get(space.path(.pods)).refused(
      403, "Forbidden",
      #"pods is forbidden: User "anna" cannot list resource "pods" in API group "" in the namespace "\#(space.name)""#)
    let one = try await anna.get(space.path(.deployments, "web")).refused(
      403, "Forbidden",
      #"deployments.apps "web" is forbidden: User "anna" cannot get resource "deployments" in API group "apps" in the namespace "\#(space.name)""#
    )
    #expect(one["details"]?["kind"] == "deployments" && one["details"]?["name"] == "web")
    try await anna.get("/api/v1/nodes").refused(
      403, "Forbidden",
      #"nodes is forbidden: User "anna" cannot list resource "nodes" in API group "" at the cluster scope"#)
    try await anna.get("/metrics").refused(
      403, "Forbidden", #"forbidden: User "anna" cannot get path "/metrics""#)
    // Discovery is for all who are known.
    #expect(try await anna.get("/apis").code == 200)
  }

  @Test func aRoleAllowsWhatItSays() async throws {
    let space = try await TestServer.shared.namespace()
    let name = "berta-\(space.name)"
    let berta = user(name, on: space.server)
    _ = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    #expect(try await berta.get(space.path(.configMaps, "a")).code == 403)
    _ = try await space.create(
      .roles,
      role("reader", [["verbs": ["get"], "apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["a"]]])
    ).object(201)
    _ = try await space.create(.roleBindings, binding("readers", role: "reader", user: name)).object(201)
    #expect(try await berta.get(space.path(.configMaps, "a")).code == 200)
    #expect(try await berta.get(space.path(.configMaps, "b")).code == 403)
    #expect(try await berta.get(space.path(.configMaps)).code == 403)
    #expect(try await berta.delete(space.path(.configMaps, "a")).code == 403)
    // The other way in decides alike.
    let request = APIServerRequest(method: .get, target: space.path(.configMaps, "a"), user: berta.user)
    #expect(space.server.server.handler.handleAtOnce(request) != nil)
    _ = try await space.server.delete(space.path(.roleBindings, "readers")).object()
    #expect(try await berta.get(space.path(.configMaps, "a")).code == 403)
    #expect(space.server.server.handler.handleAtOnce(request) == nil)
  }

  @Test func nobodyGrantsWhatTheyDoNotHold() async throws {
    let space = try await TestServer.shared.namespace()
    let name = "clara-\(space.name)"
    let clara = user(name, groups: ["team"], on: space.server)
    _ = try await space.create(
      .roles,
      role(
        "granter",
        [
          ["verbs": ["*"], "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles", "rolebindings"]],
          ["verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods"]],
        ])
    ).object(201)
    // `*` is more than the verbs upstream would give; take escalate and bind away.
    _ = try await space.server.patch(
      space.path(.roles, "granter"),
      [
        "rules": [
          [
            "verbs": ["create", "update", "get"], "apiGroups": ["rbac.authorization.k8s.io"],
            "resources": ["roles", "rolebindings"],
          ],
          ["verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods"]],
        ]
      ]
    ).object()
    _ = try await space.create(.roleBindings, binding("granters", role: "granter", user: name)).object(201)
    let held: JSON = [["verbs": ["get"], "apiGroups": [""], "resources": ["pods"]]]
    _ = try await clara.post(space.path(.roles), role("small", held)).object(201)
    let more: JSON = [["verbs": ["get", "delete"], "apiGroups": [""], "resources": ["pods"]]]
    try await clara.post(space.path(.roles), role("large", more)).refused(
      403, "Forbidden",
      #"roles.rbac.authorization.k8s.io "large" is forbidden: user "\#(name)" (groups=["team" "system:authenticated"]) "#
        + "is attempting to grant RBAC permissions not currently held:\n"
        + #"{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}"#)
    #expect(
      try await clara.post(
        space.path(.roleBindings), binding("all", role: "cluster-admin", kind: "ClusterRole", user: name)
      ).code == 403)
    _ = try await clara.post(space.path(.roleBindings), binding("mine", role: "small", user: "dora")).object(201)
  }

  @Test func reviewsTellWhatIsAllowed() async throws {
    let space = try await TestServer.shared.namespace()
    let name = "emma-\(space.name)"
    _ = try await space.create(
      .roleBindings, binding("e", role: "system:aggregate-to-view", kind: "ClusterRole", user: name)
    )
    .object(201)
    let emma = user(name, on: space.server)
    func asks(_ verb: String, _ resource: String) -> JSON {
      [
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": [
          "resourceAttributes": [
            "namespace": .string(space.name), "verb": .string(verb), "resource": .string(resource),
          ]
        ],
      ]
    }
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    let yes = try await emma.post(path, asks("list", "pods")).object(201)
    #expect(yes.status["allowed"] == true)
    #expect(
      yes.status["reason"]?.string
        == #"RBAC: allowed by RoleBinding "e/\#(space.name)" of ClusterRole "system:aggregate-to-view" to User "\#(name)""#
    )
    #expect(try await emma.post(path, asks("list", "secrets")).object(201).status["allowed"] == false)
    // Only those who may ask for others.
    var other = asks("list", "pods")
    other["kind"] = "SubjectAccessReview"
    other[path: "spec", "user"] = .string(name)
    let others = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    #expect(try await emma.post(others, other).code == 403)
    #expect(try await space.server.post(others, other).object(201).status["allowed"] == true)
    other[path: "spec", "user"] = nil
    #expect(try await space.server.post(others, other).code == 422)
    let rules = try await emma.post(
      "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
      [
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview",
        "spec": ["namespace": .string(space.name)],
      ]
    ).object(201)
    #expect(rules.status["incomplete"] == false && (rules.status["resourceRules"]?.items.count ?? 0) > 5)
  }

  @Test func oneMayStandInForAnotherWhereAllowed() async throws {
    let space = try await TestServer.shared.namespace()
    let name = HTTPField.Name("Impersonate-User")!
    let group = HTTPField.Name("Impersonate-Group")!
    let who = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    let body = Array(#"{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}"#.utf8)
    let asked = try await space.server.send(
      .post, who, body: body, headers: [name: "fritz", group: "team", .contentType: "application/json"]
    ).object(201)
    #expect(
      asked.status["userInfo"] == ["username": "fritz", "groups": ["team", "system:authenticated"]])
    let account = try await space.server.send(
      .post, who, body: body,
      headers: [name: "system:serviceaccount:\(space.name):default", .contentType: "application/json"]
    ).object(201)
    #expect(
      account.status[path: "userInfo", "groups"] == [
        "system:serviceaccounts", .string("system:serviceaccounts:\(space.name)"), "system:authenticated",
      ])
    try await user("gustav", on: space.server).send(
      .get, space.path(.pods), headers: [name: "kubernetes-admin"]
    ).refused(
      403, "Forbidden",
      #"users "kubernetes-admin" is forbidden: User "gustav" cannot impersonate resource "users" in API group "" at the cluster scope"#
    )
  }

  @Test func aNodeMakesObjectsOfItsOwnAlone() async throws {
    var server = try await TestServer()
    server.user = User(name: "system:node:a", groups: ["system:nodes", "system:authenticated"])
    try await server.post("/api/v1/nodes", TestObjects.node("b")).refused(
      403, "Forbidden", #"nodes "b" is forbidden: node "a" is not allowed to modify node "b""#)
    _ = try await server.post("/api/v1/nodes", TestObjects.node("a")).object(201)
    try await server.patch(
      "/api/v1/nodes/a", ["metadata": ["labels": ["node-restriction.kubernetes.io/x": "y", "other": "z"]]]
    ).refused(
      403, "Forbidden",
      #"nodes "a" is forbidden: node "a" is not allowed to modify labels: node-restriction.kubernetes.io/x"#)
    #expect(try await server.patch("/api/v1/nodes/a", ["metadata": ["labels": ["other": "z"]]]).code == 200)
    let leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
    try await server.post(leases, ["metadata": ["name": "b"]]).refused(
      403, "Forbidden",
      #"leases.coordination.k8s.io "b" is forbidden: can only access node lease with the same name as the requesting node"#
    )
    #expect(try await server.post(leases, ["metadata": ["name": "a"]]).code == 201)
  }

  @Test func aNodeSeesWhatItsPodsNeed() async throws {
    let space = try await TestServer.shared.namespace()
    let name = "node-\(space.name)"
    let node = user("system:node:\(name)", groups: ["system:nodes"], on: space.server)
    for secret in ["mine", "other"] { _ = try await space.create(.secrets, TestObjects.secret(secret)).object(201) }
    #expect(try await node.get(space.path(.secrets, "mine")).code == 403)
    var pod = TestObjects.pod("a", node: name)
    pod[path: "spec", "volumes"] = [["name": "v", "secret": ["secretName": "mine"]]]
    _ = try await space.create(.pods, pod).object(201)
    _ = try await space.create(.pods, TestObjects.pod("b", node: "elsewhere")).object(201)
    #expect(try await node.get(space.path(.secrets, "mine")).code == 200)
    try await node.get(space.path(.secrets, "other")).refused(
      403, "Forbidden",
      #"secrets "other" is forbidden: User "system:node:\#(name)" cannot get resource "secrets" in API group "" in the namespace "\#(space.name)": no relationship found between node '\#(name)' and this object"#
    )
    #expect(try await node.get(space.path(.secrets)).code == 403)
    #expect(try await node.get("/api/v1/pods?fieldSelector=spec.nodeName%3D\(name)").code == 200)
    #expect(try await node.get("/api/v1/pods").code == 403)
    let status: JSON = ["status": ["phase": "Running"]]
    #expect(try await node.patch(space.path(.pods, "a", "status"), status).code == 200)
    #expect(try await node.patch(space.path(.pods, "b", "status"), status).code == 403)
    #expect(try await node.patch(space.path(.pods, "a"), ["metadata": ["labels": ["a": "b"]]]).code == 403)
    #expect(try await node.patch("/api/v1/nodes/other", ["metadata": ["labels": ["a": "b"]]]).code == 403)
    let network = user("system:switchboard-network", on: space.server)
    #expect(try await network.get("/api/v1/services").code == 200)
    #expect(try await network.get("/api/v1/secrets").code == 403)
    #expect(try await network.delete(space.path(.pods, "a")).code == 403)
  }
}
