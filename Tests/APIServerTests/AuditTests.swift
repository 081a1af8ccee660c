import Foundation
import HTTPTypes
import JSONTree
import KubernetesAPI
import NIOCore
import Testing

@testable import APIServer

@Suite struct AuditTests {
  /// A server with an audit log, and what it wrote.
  private struct Audited {
    let server: TestServer
    let folder: String
    var path: String { "\(folder)/audit.log" }

    init(_ policy: String, maximumSize: Int = 100) async throws {
      let folder = TestServer.temporaryDirectory()
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      self.folder = folder
      try policy.write(toFile: "\(folder)/policy.yaml", atomically: true, encoding: .utf8)
      server = try await TestServer { configuration in
        configuration.audit = AuditConfiguration(
          policyFile: "\(folder)/policy.yaml", logPath: "\(folder)/audit.log")
      }
    }

    func clean() { try? FileManager.default.removeItem(atPath: folder) }

    /// Waits until events that `isMeant` holds for are as many as said.
    func events(_ count: Int, _ isMeant: (JSON) -> Bool) async throws -> [JSON] {
      var found: [JSON] = []
      for _ in 0..<1_000 {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        found = try text.split(separator: "\n").map { try JSON.parse(String($0)) }.filter(isMeant)
        if found.count >= count { break }
        try await Task.sleep(for: .milliseconds(5))
      }
      #expect(found.count == count, "\(found)")
      return found
    }
  }

  private static let all = """
    apiVersion: audit.k8s.io/v1
    kind: Policy
    omitStages: [RequestReceived]
    rules:
    - level: None
      nonResourceURLs: ["/healthz*", "/version"]
    - level: None
      users: ["system:apiserver"]
    - level: RequestResponse
      omitManagedFields: true
      resources:
      - group: ""
        resources: ["configmaps"]
    - level: Request
      resources:
      - group: apps
        resources: ["deployments/scale"]
    - level: Metadata
      omitStages: []
    """

  @Test func eventsSayWhoDidWhat() async throws {
    let audited = try await Audited(Self.all)
    defer { audited.clean() }
    let server = audited.server
    let space = try await server.namespace()
    let answer = try await server.send(
      .post, space.path(.configMaps), body: TestObjects.configMap("a", data: ["k": "v"]).encoded(),
      headers: [
        .contentType: "application/json", .userAgent: "test/1", HTTPField.Name("X-Forwarded-For")!: "192.0.2.7, x",
        HTTPField.Name("Audit-ID")!: "the-id",
      ])
    #expect(answer.code == 201 && answer.headers[HTTPField.Name("Audit-ID")!] == "the-id")
    let event = try #require(try await audited.events(1) { $0["auditID"] == "the-id" }.first)
    #expect(event.kind == "Event" && event.apiVersion == "audit.k8s.io/v1")
    #expect(event["level"] == "RequestResponse" && event["stage"] == "ResponseComplete" && event["verb"] == "create")
    #expect(
      event["user"] == [
        "username": "kubernetes-admin", "groups": ["system:masters", "system:authenticated"],
      ])
    #expect(event["sourceIPs"] == ["192.0.2.7"] && event["userAgent"] == "test/1")
    #expect(event["requestURI"]?.string == space.path(.configMaps))
    #expect(
      event["objectRef"] == [
        "resource": "configmaps", "namespace": .string(space.name), "name": "a", "apiVersion": "v1",
      ])
    #expect(event["responseStatus"] == ["metadata": [:], "code": 201])
    #expect(event[path: "requestObject", "data"] == ["k": "v"])
    #expect(event[path: "responseObject", "data"] == ["k": "v"])
    #expect(event[path: "responseObject", "metadata", "uid"] != nil)
    #expect(event[path: "responseObject", "metadata", "managedFields"] == nil)
    #expect(event[path: "annotations", "authorization.k8s.io/decision"] == "allow")
    #expect(event["requestReceivedTimestamp"]?.string?.utf8.count == 27)
    // The answer's own fields stay.
    #expect(try answer.object(201)["metadata"]?["managedFields"] != nil)
  }

  @Test func policiesChooseLevelAndStages() async throws {
    let audited = try await Audited(Self.all)
    defer { audited.clean() }
    let server = audited.server
    let space = try await server.namespace()
    _ = try await space.create(.deployments, TestObjects.deployment("d")).object(201)
    _ = try await server.patch(space.path(.deployments, "d", "scale"), ["spec": ["replicas": 0]]).object()
    try await space.get(.pods, "none").refused(404, "NotFound", "pods \"none\" not found")
    _ = try await server.get("/version")
    _ = try await server.get("/healthz/ping")
    _ = try await server.get("/livez")
    let scaled = try await audited.events(1) { $0[path: "objectRef", "subresource"] == "scale" }[0]
    #expect(scaled["level"] == "Request" && scaled["requestObject"] == ["spec": ["replicas": 0]])
    #expect(scaled["responseObject"] == nil)
    let made = try await audited.events(1) {
      $0[path: "objectRef", "resource"] == "deployments" && $0["verb"] == "create"
    }
    #expect(made[0]["level"] == "Metadata" && made[0]["requestObject"] == nil)
    let missing = try await audited.events(1) { $0[path: "objectRef", "name"] == "none" }[0]
    #expect(missing[path: "responseStatus", "reason"] == "NotFound" && missing[path: "responseStatus", "code"] == 404)
    #expect(missing[path: "responseStatus", "message"] == "pods \"none\" not found")
    #expect(try await audited.events(1) { $0["requestURI"] == "/livez" }[0]["objectRef"] == nil)
    #expect(
      try await audited.events(0) { $0["requestURI"] == "/version" || $0["requestURI"] == "/healthz/ping" }.isEmpty)
    #expect(try await audited.events(0) { $0["stage"] == "RequestReceived" }.isEmpty)
  }

  @Test func watchesHaveABeginningAndAnEnd() async throws {
    let audited = try await Audited(
      "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata, resources: [{group: \"\", resources: [pods]}]}]"
    )
    defer { audited.clean() }
    let space = try await audited.server.namespace()
    let watch = try await audited.server.watch(space.path(.pods) + "?watch=true")
    _ = try await audited.events(2) { $0["verb"] == "watch" }
    watch.cancel()
    let events = try await audited.events(3) { $0["verb"] == "watch" }
    #expect(events.map { $0["stage"] } == ["RequestReceived", "ResponseStarted", "ResponseComplete"])
    #expect(Set(events.map { $0["auditID"]?.string }).count == 1)
  }

  @Test func refusalsAndImpersonationAreKept() async throws {
    let audited = try await Audited(
      "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]")
    defer { audited.clean() }
    var server = audited.server
    server.user = nil
    #expect(try await server.get("/api/v1/nodes").code == 401)
    let unknown = try await audited.events(1) { $0[path: "responseStatus", "code"] == 401 }[0]
    #expect(unknown["stage"] == "ResponseStarted" && unknown["user"] == [:])
    #expect(unknown[path: "responseStatus", "message"] == "Authentication failed, no credentials provided")
    server = audited.server
    let answer = try await server.send(
      .get, "/api/v1/secrets", headers: [HTTPField.Name("Impersonate-User")!: "jane"])
    #expect(answer.code == 403)
    let refused = try await audited.events(1) { $0[path: "impersonatedUser", "username"] == "jane" }[0]
    #expect(refused[path: "user", "username"] == "kubernetes-admin")
    #expect(refused[path: "annotations", "authorization.k8s.io/decision"] == "forbid")
    // What admission found is noted too.
    let space = try await server.namespace()
    _ = try await server.patch(
      "/api/v1/namespaces/\(space.name)", ["metadata": ["labels": ["pod-security.kubernetes.io/audit": "restricted"]]]
    ).object()
    _ = try await space.create(.pods, TestObjects.pod("p")).object(201)
    let noted = try await audited.events(1) { $0[path: "objectRef", "resource"] == "pods" }[0]
    #expect(
      noted[path: "annotations", "pod-security.kubernetes.io/audit-violations"]?.string?
        .hasPrefix("would violate PodSecurity \"restricted:latest\": allowPrivilegeEscalation") == true)
  }

  @Test(arguments: [
    ("kind: Policy\napiVersion: v1", "has to be a Policy of audit.k8s.io/v1"),
    ("kind: Policy\napiVersion: audit.k8s.io/v1\nrules: [{level: All}]", "rules[0].level is to be one of"),
    ("kind: Policy\napiVersion: audit.k8s.io/v1\nrules: []", "has no rules"),
    ("kind: Policy\napiVersion: audit.k8s.io/v1\nomitStages: [X]\nrules: [{level: None}]", "X is none of"),
    (
      "kind: Policy\napiVersion: audit.k8s.io/v1\nrules: [{level: None, namespaces: [a], nonResourceURLs: [/x]}]",
      "cannot apply to both"
    ),
    (
      "kind: Policy\napiVersion: audit.k8s.io/v1\nrules: [{level: None, nonResourceURLs: [x]}]",
      "must begin with a \"/\" character"
    ),
  ]) func brokenPoliciesAreRefused(_ text: String, _ message: String) {
    let error = #expect(throws: APIServerError.self) { try AuditPolicy(yaml: text) }
    #expect(error?.code == .audit && error?.message.contains(message) == true, "\(String(describing: error))")
  }

  @Test func resourcesMatchAsUpstreamMatchesThem() throws {
    func verdict(_ rule: String, _ resource: AccessAction.Resource?, path: String = "/x") throws -> AuditLevel {
      let policy = try AuditPolicy(
        yaml: "kind: Policy\napiVersion: audit.k8s.io/v1\nrules:\n- {level: Metadata, \(rule)}\n")
      let action = AccessAction(verb: "get", path: path, resource: resource)
      return policy.verdict(action, by: User(name: "jane", groups: ["dev"])).level
    }
    let log = AccessAction.Resource(group: "", resource: "pods", subresource: "log", namespace: "a", name: "p")
    let pod = AccessAction.Resource(group: "", resource: "pods", namespace: "a", name: "p")
    for (rule, ofLog, ofPod) in [
      (#"resources: [{group: "", resources: [pods]}]"#, AuditLevel.none, AuditLevel.metadata),
      (#"resources: [{group: "", resources: ["pods/*"]}]"#, .metadata, .metadata),
      (#"resources: [{group: "", resources: ["*/log"]}]"#, .metadata, .none),
      (#"resources: [{group: "", resources: ["*"], resourceNames: [q]}]"#, .none, .none),
      (#"resources: [{group: apps}]"#, .none, .none), (#"resources: [{group: ""}]"#, .metadata, .metadata),
      ("namespaces: [b]", .none, .none), ("users: [joe]", .none, .none),
      ("userGroups: [ops, dev]", .metadata, .metadata),
      ("verbs: [list]", .none, .none), (#"nonResourceURLs: ["*"]"#, .none, .none),
    ] {
      #expect(try verdict(rule, log) == ofLog && verdict(rule, pod) == ofPod, "\(rule)")
    }
    #expect(try verdict(#"nonResourceURLs: ["/x*"]"#, nil, path: "/xy") == .metadata)
    #expect(try verdict(#"nonResourceURLs: ["/x"]"#, nil, path: "/xy") == .none)
  }

  @Test func fullFilesGiveWay() throws {
    let folder = TestServer.temporaryDirectory()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var configuration = AuditConfiguration(policyFile: "", logPath: "\(folder)/audit.log")
    configuration.maximumSize = 1
    configuration.maximumBackups = 2
    let old = "audit-2020-01-01T00-00-00.000.log"
    for name in [old, "audit-other.log"] {
      _ = FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: nil)
    }
    var file = try AuditFile(configuration)
    for number in 0..<4 {
      try file.write(Array(repeating: UInt8(ascii: "a") + UInt8(number), count: 700_000))
      // Files are told apart by their milliseconds.
      Thread.sleep(forTimeInterval: 0.005)
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(names.count == 4 && names.contains("audit-other.log") && !names.contains(old), "\(names)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/audit.log")).first == UInt8(ascii: "d"))
  }
}
