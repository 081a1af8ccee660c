import HTTPTypes
import JSONTree
import KubernetesAPI
import Logging
import NIOCore
import Testing

@testable import APIServer

@Suite struct FlowControlTests {
  private static let base = "/apis/flowcontrol.apiserver.k8s.io/v1"
  private static let levels = base + "/prioritylevelconfigurations"
  private static let schemas = base + "/flowschemas"
  private static let schemaUID = HTTPField.Name("X-Kubernetes-PF-FlowSchema-UID")!
  private static let levelUID = HTTPField.Name("X-Kubernetes-PF-PriorityLevel-UID")!

  private func level(_ name: String, shares: Int64, queuing: JSON? = nil) -> JSON {
    [
      "metadata": ["name": .string(name)],
      "spec": [
        "type": "Limited",
        "limited": [
          // It has what is its own and nothing else.
          "nominalConcurrencyShares": .int(shares), "borrowingLimitPercent": 0,
          "limitResponse": queuing.map { ["type": "Queue", "queuing": $0] } ?? ["type": "Reject"],
        ],
      ],
    ]
  }

  private func schema(_ name: String, _ level: String, user: String) -> JSON {
    [
      "metadata": ["name": .string(name)],
      "spec": [
        "matchingPrecedence": 1_000, "priorityLevelConfiguration": ["name": .string(level)],
        "distinguisherMethod": ["type": "ByUser"],
        "rules": [
          [
            "subjects": [["kind": "User", "user": ["name": .string(user)]]],
            "resourceRules": [
              ["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "clusterScope": true, "namespaces": ["*"]]
            ],
            "nonResourceRules": [["verbs": ["*"], "nonResourceURLs": ["*"]]],
          ]
        ],
      ],
    ]
  }

  private func impersonating(_ user: String) -> HTTPFields {
    [HTTPField.Name("Impersonate-User")!: user, HTTPField.Name("Impersonate-Group")!: "system:authenticated"]
  }

  @Test func theBuiltInObjectsAreThere() async throws {
    let server = try await TestServer.shared
    let levels = try await server.get(Self.levels).object()["items"]?.items ?? []
    for name in [
      "exempt", "catch-all", "system", "node-high", "leader-election", "workload-high", "workload-low",
      "global-default",
    ] {
      #expect(levels.contains { $0.name == name }, "\(name)")
    }
    let schemas = try await server.get(Self.schemas).object()["items"]?.items ?? []
    #expect(schemas.filter { $0.annotations["apf.kubernetes.io/autoupdate-spec"] == "true" }.count == 13)
    let probes = try await server.get(Self.schemas + "/probes").object()
    #expect(probes.spec[path: "priorityLevelConfiguration", "name"] == "exempt")
    let table = try await server.get(
      Self.levels + "/workload-high", accept: "application/json;as=Table;v=v1;g=meta.k8s.io"
    ).object()
    #expect(
      table["rows"]?.items.first?["cells"]?.items.prefix(6) == ["workload-high", "Limited", "40", "128", "6", "50"])
  }

  @Test func answersTellWhatTheirRequestsWereTakenFor() async throws {
    let server = try await TestServer()
    let level = try await server.post(Self.levels, level("quick", shares: 1)).object(201)
    let schema = try await server.post(Self.schemas, schema("quick", "quick", user: "noxu")).object(201)
    for path in ["/version", "/api/v1/namespaces/default", "/api/v1/nodes"] {
      let answer = try await server.send(.get, path, headers: impersonating("noxu"))
      #expect(answer.headers[Self.schemaUID] == schema.uid, "\(path) \(answer)")
      #expect(answer.headers[Self.levelUID] == level.uid)
    }
    let other = try await server.send(.get, "/version", headers: impersonating("foo"))
    #expect(other.headers[Self.schemaUID] == (try await server.get(Self.schemas + "/global-default").object().uid))
    var stranger = server
    stranger.user = nil
    let probe = try await stranger.get("/healthz")
    #expect(probe.headers[Self.schemaUID] == (try await server.get(Self.schemas + "/probes").object().uid))
    // The way that answers single reads at once tells it too.
    let request = APIServerRequest(
      method: .get, target: "/api/v1/namespaces/default", user: User(name: "x", groups: ["system:masters"]))
    let atOnce = try #require(server.server.handler.handleAtOnce(request))
    #expect(atOnce.headers[Self.schemaUID]?.isEmpty == false)
    let page = try await server.get("/metrics").text
    #expect(page.contains("apiserver_flowcontrol_nominal_limit_seats{priority_level=\"quick\"} 3\n"))
    #expect(page.contains("apiserver_flowcontrol_dispatched_requests_total{priority_level=\"quick\"} 3\n"))
  }

  @Test func aLevelWithoutSeatsLetsNobodyIn() async throws {
    let server = try await TestServer()
    _ = try await server.post(Self.levels, level("jail", shares: 0)).object(201)
    let schema = try await server.post(Self.schemas, schema("jail", "jail", user: "rogue")).object(201)
    let refused = try await server.send(.get, "/version", headers: impersonating("rogue"))
    #expect(refused.code == 429 && refused.text == "Too many requests, please try again later.\n")
    #expect(refused.headers[.retryAfter] == "1" && refused.headers[Self.schemaUID] == schema.uid)
    let rogue = User(name: "rogue", groups: ["system:authenticated"])
    let read = APIServerRequest(method: .get, target: "/api/v1/namespaces/default", user: rogue)
    #expect(server.server.handler.handleAtOnce(read) == nil)
    let page = try await server.get("/metrics").text
    #expect(
      page.contains(
        "apiserver_flowcontrol_rejected_requests_total{priority_level=\"jail\",reason=\"concurrency-limit\"} 1\n"))
    // Without its schema nothing holds them.
    _ = try await server.delete(Self.schemas + "/jail")
    #expect(try await server.send(.get, "/version", headers: impersonating("rogue")).code == 200)
  }

  @Test(.timeLimit(.minutes(3))) func requestsWaitForASeat() async throws {
    let server = try await TestServer()
    let flow = FlowController(registry: server.server.registry, seats: 1)
    _ = try await server.post(
      Self.levels, level("slow", shares: 1, queuing: ["queues": 1, "handSize": 1, "queueLengthLimit": 2])
    ).object(201)
    _ = try await server.post(Self.schemas, schema("slow", "slow", user: "ann")).object(201)
    let request = FlowRequest(
      user: User(name: "ann", groups: []), verb: "get", path: "/version", info: nil)
    // Every level has one seat at least.
    guard case .admitted(let first) = await flow.admit(request) else { Issue.record("no first seat"); return }
    #expect(flow.admitAtOnce(request) == nil)
    func waiting(_ count: Int) async throws {
      var text = ""
      while !text.contains("current_inqueue_requests{priority_level=\"slow\"} \(count)\n") {
        var page = MetricsPage()
        flow.write(to: &page)
        text = page.text
        try await Task.sleep(for: .milliseconds(1))
      }
    }
    func isAdmitted(_ task: Task<FlowController.Admission, Never>) async -> Bool {
      if case .admitted = await task.value { true } else { false }
    }
    let second = Task { await flow.admit(request) }
    try await waiting(1)
    let third = Task { await flow.admit(request) }
    try await waiting(2)
    #expect(!(await isAdmitted(Task { await flow.admit(request) })), "the queue is full")
    third.cancel()
    #expect(!(await isAdmitted(third)))
    let fourth = Task { await flow.admit(request) }
    try await waiting(2)
    flow.finish(first)
    #expect(await isAdmitted(second))
    try await waiting(1)
    flow.expire(now: .now + .seconds(60))
    #expect(!(await isAdmitted(fourth)))
  }

  @Test(.timeLimit(.minutes(3))) func aSchemaSaysWhetherItsLevelIsThere() async throws {
    let server = try await TestServer()
    let bootstrap = Bootstrap(
      handler: server.server.handler, configuration: server.server.configuration, logger: Logger(label: "test"))
    let objects = try FlowObjects(bootstrap: bootstrap, logger: TestServer.logger)
    let keeper = Task { await objects.run() }
    defer { keeper.cancel() }
    _ = try await server.post(Self.schemas, schema("early", "late", user: "ann")).object(201)
    func dangling(_ status: JSON) async throws -> JSON {
      while true {
        let condition = try await server.get(Self.schemas + "/early").object().condition("Dangling")
        if let condition, condition["status"] == status { return condition }
        try await Task.sleep(for: .milliseconds(2))
      }
    }
    let missing = try await dangling("True")
    #expect(missing["reason"] == "NotFound" && missing["lastTransitionTime"] != nil)
    #expect(
      missing["message"]
        == #"This FlowSchema references the PriorityLevelConfiguration object named "late" but there is no such object"#
    )
    _ = try await server.post(Self.levels, level("late", shares: 1)).object(201)
    #expect(try await dangling("False")["reason"] == "Found")
    // What somebody else makes of the conditions is put right.
    _ = try await server.patch(
      Self.schemas + "/early/status", ["status": ["conditions": [["type": "Other", "status": "False"]]]]
    ).object()
    #expect(try await dangling("False")["reason"] == "Found")
  }

  @Test func whatIsDeletedIsPutBack() async throws {
    let server = try await TestServer()
    _ = try await server.delete(Self.levels + "/exempt")
    _ = try await server.delete(Self.schemas + "/exempt").object()
    #expect(try await server.get("/api/v1/nodes").code == 200)
    _ = try await server.patch(Self.levels + "/system", ["spec": ["limited": ["nominalConcurrencyShares": 3]]]).object()
    _ = try await server.patch(
      Self.levels + "/node-high",
      [
        "metadata": ["annotations": ["apf.kubernetes.io/autoupdate-spec": "false"]],
        "spec": ["limited": ["nominalConcurrencyShares": 3]],
      ]
    ).object()
    try await Bootstrap(
      handler: server.server.handler, configuration: server.server.configuration, logger: Logger(label: "test")
    ).ensureFlowControl()
    #expect(try await server.get(Self.schemas + "/exempt").code == 200)
    func shares(_ name: String) async throws -> JSON? {
      try await server.get("\(Self.levels)/\(name)").object().spec[path: "limited", "nominalConcurrencyShares"]
    }
    #expect(try await shares("system") == 30)
    #expect(try await shares("node-high") == 3)
  }

  @Test func defaultsAreUpstreams() async throws {
    let server = try await TestServer.shared
    let level = try await server.post(
      Self.levels + "?dryRun=All",
      [
        "metadata": ["name": "plain"],
        "spec": ["type": "Limited", "limited": ["limitResponse": ["type": "Queue", "queuing": [:]]]],
      ]
    ).object(201)
    #expect(
      level.spec["limited"] == [
        "nominalConcurrencyShares": 30, "lendablePercent": 0,
        "limitResponse": ["type": "Queue", "queuing": ["queues": 64, "handSize": 8, "queueLengthLimit": 50]],
      ])
    var schema = schema("plain", "plain", user: "ann")
    schema[path: "spec", "matchingPrecedence"] = nil
    #expect(
      try await server.post(Self.schemas + "?dryRun=All", schema).object(201).spec["matchingPrecedence"] == 1_000)
  }

  @Test(arguments: [
    (
      #"{"priorityLevelConfiguration":{},"matchingPrecedence":1,"rules":[{"subjects":[]}]}"#,
      "[spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1, "
        + "spec.priorityLevelConfiguration.name: Required value: must reference a priority level, "
        + "spec.rules[0].subjects: Required value: subjects must contain at least one value, "
        + "spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty]"
    ),
    (
      #"{"priorityLevelConfiguration":{"name":"a"},"matchingPrecedence":10001,"rules":[{"subjects":"#
        + #"[{"kind":"User","group":{"name":"g"}}],"nonResourceRules":[{"verbs":["look"],"nonResourceURLs":["a"]}]}]}"#,
      "[spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000, "
        + "spec.rules[0].subjects[0].user: Required value: user is required when subject kind is 'User', "
        + "spec.rules[0].subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group', "
        + "spec.rules[0].nonResourceRules[0].verbs: Unsupported value: [\"look\"]: supported values: \"create\", "
        + "\"delete\", \"deletecollection\", \"get\", \"list\", \"patch\", \"proxy\", \"update\", \"watch\", "
        + "spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: \"a\": must start with slash]"
    ),
  ])
  func wrongSchemasAreRefused(spec: String, faults: String) async throws {
    try await TestServer.shared.post(
      Self.schemas, ["metadata": ["name": "wrong"], "spec": try JSON.parse(spec)]
    ).refused(
      422, "Invalid", "FlowSchema.flowcontrol.apiserver.k8s.io \"wrong\" is invalid: \(faults)")
  }

  @Test(arguments: [
    (
      "wrong", #"{"type":"Exempt"}"#,
      "spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'"
    ),
    ("wrong", #"{"type":"Limited"}"#, "spec.limited: Required value: must not be empty when type is Limited"),
    (
      "wrong",
      #"{"type":"Limited","limited":{"nominalConcurrencyShares":-1,"lendablePercent":101,"limitResponse":{"type":"Queue","#
        + #""queuing":{"queues":1000000,"handSize":9,"queueLengthLimit":0}}}}"#,
      "[spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer, "
        + "spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive, "
        + "spec.limited.limitResponse.queuing.queueLengthLimit: Invalid value: 0: must be positive, "
        + "spec.limited.limitResponse.queuing.handSize: Invalid value: 9: required entropy bits of deckSize 1000000 and "
        + "handSize 9 should not be greater than 60]"
    ),
  ])
  func wrongLevelsAreRefused(name: String, spec: String, faults: String) async throws {
    try await TestServer.shared.post(
      Self.levels, ["metadata": ["name": .string(name)], "spec": try JSON.parse(spec)]
    ).refused(
      422, "Invalid", "PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io \"\(name)\" is invalid: \(faults)")
  }

  @Test func theMandatoryOnesStayAsTheyAre() async throws {
    let server = try await TestServer()
    let catchAll = try await server.patch(
      Self.levels + "/catch-all", ["spec": ["limited": ["nominalConcurrencyShares": 50]]]
    ).object(422)
    #expect(catchAll["message"]?.string?.hasSuffix("spec of 'catch-all' must equal the fixed value") == true)
    let exempt = try await server.patch(
      Self.levels + "/exempt", ["spec": ["exempt": ["nominalConcurrencyShares": 7]]]
    ).object()
    #expect(exempt.spec[path: "exempt", "nominalConcurrencyShares"] == 7)
    let schema = try await server.patch(Self.schemas + "/exempt", ["spec": ["rules": []]]).object(422)
    #expect(schema["message"]?.string?.hasSuffix("spec of 'exempt' must equal the fixed value") == true)
  }
}
