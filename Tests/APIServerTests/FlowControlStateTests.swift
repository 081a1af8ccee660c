import HTTPTypes
import JSONTree
import KubernetesAPI
import Testing

@testable import APIServer

/// Who gets a seat, who waits, and who is next.
@Suite struct FlowControlStateTests {
  private func level(_ name: String, shares: Int64, _ more: JSON = [:], queues: JSON? = nil) -> JSON {
    var limited = more
    limited["nominalConcurrencyShares"] = .int(shares)
    limited["limitResponse"] = queues.map { ["type": "Queue", "queuing": $0] } ?? ["type": "Reject"]
    return ["metadata": ["name": .string(name)], "spec": ["type": "Limited", "limited": limited]]
  }

  private func schema(_ name: String, _ level: String, _ precedence: Int64, _ rule: JSON) -> JSON {
    [
      "metadata": ["name": .string(name), "uid": .string("uid-\(name)")],
      "spec": [
        "priorityLevelConfiguration": ["name": .string(level)], "matchingPrecedence": .int(precedence),
        "distinguisherMethod": ["type": "ByUser"], "rules": [rule],
      ],
    ]
  }

  /// `catch-all` has 5 of the shares, so that with 95 more every share is a seat of a hundred.
  private func state(_ levels: JSON...) -> FlowControlState {
    var state = FlowControlState(seats: 100)
    state.configure(schemas: [], levels: levels)
    return state
  }

  private func request(_ user: String, _ path: String, groups: [String] = [], verb: String = "get") -> FlowRequest {
    let info = RequestInfo(path: path, method: .get, query: QueryParameters(""))
    return FlowRequest(user: User(name: user, groups: groups), verb: verb, path: path, info: info)
  }

  @Test func seatsAreDividedByShares() {
    let state = state(level("a", shares: 60), level("b", shares: 35))
    #expect(state.levels["a"]?.nominal == 60 && state.levels["b"]?.nominal == 35)
    #expect(state.levels["catch-all"]?.nominal == 5 && state.levels["exempt"]?.settings.isExempt == true)
  }

  /// Takes seats until there is none, at most `limit`; returns how many.
  private func take(_ name: String, _ state: inout FlowControlState, limit: Int = 100) -> Int {
    var taken = 0
    while taken < limit, state.start(name) { taken += 1 }
    return taken
  }

  @Test func aFullLevelRefusesAndAnEndedRequestMakesRoom() {
    var state = state(level("a", shares: 2), level("b", shares: 93))
    let first = take("a", &state)
    state.end("a")
    let second = take("a", &state)
    let isQueued = state.enqueue(1, "a", of: 7)
    #expect(first == 2 && second == 1 && !isQueued)
  }

  @Test func seatsThatAreLentComeBackToTheirLevel() {
    var state = state(
      level("busy", shares: 5, ["borrowingLimitPercent": 60]), level("idle", shares: 90, ["lendablePercent": 50]))
    let busy = take("busy", &state)
    // Five, and sixty percent of five more, though the other lends forty-five.
    #expect(busy == 8)
    // The owner has its seats whoever has borrowed them.
    let idle = take("idle", &state)
    #expect(idle == 90)
    // Nothing is left to lend.
    state.end("busy")
    let more = take("busy", &state)
    #expect(more == 0)
  }

  @Test func aFlowWithManyRequestsLetsOthersPass() {
    var state = state(
      level("a", shares: 1, queues: ["queues": 64, "handSize": 1, "queueLengthLimit": 50]), level("b", shares: 94))
    func next() -> [UInt64] {
      state.end("a")
      return state.dispatch()
    }
    let first = take("a", &state)
    let many = (0..<51).filter { state.enqueue(UInt64($0), "a", of: 3) }
    let other = state.enqueue(100, "a", of: 4)
    #expect(first == 1 && many == Array(0..<50) && other, "a queue holds fifty")
    // Whoever comes now may not go past those who wait.
    state.end("a")
    let late = state.start("a")
    let started = state.dispatch()
    #expect(!late && started == [0])
    let second = next()
    let third = next()
    state.remove(2, "a")
    let fourth = next()
    #expect(second == [100] && third == [1] && fourth == [3])
    #expect(state.levels["a"]?.waiting == 46)
  }

  @Test func aHandHasDifferentQueues() {
    let queuing = PriorityLevel.Queuing(["queues": 16, "handSize": 6, "queueLengthLimit": 1])
    var hands: Set<[Int]> = []
    for flow in 0..<UInt64(1_000) {
      let hand = queuing.hand(of: flow &* 0x9e37_79b9_7f4a_7c15)
      #expect(hand.count == 6 && Set(hand).count == 6 && hand.allSatisfy { (0..<16).contains($0) })
      hands.insert(hand.sorted())
    }
    #expect(hands.count > 900)
  }

  @Test func aLevelInUseStaysUntilItIsIdle() {
    var state = state(level("a", shares: 2), level("b", shares: 93))
    let taken = take("a", &state, limit: 1)
    state.configure(schemas: [], levels: [level("b", shares: 93)])
    #expect(taken == 1 && state.levels["a"] != nil)
    state.end("a")
    #expect(state.levels["a"] == nil)
  }

  @Test func theFirstSchemaThatFitsCounts() {
    var state = FlowControlState()
    let pods: JSON = [
      "subjects": [
        ["kind": "User", "user": ["name": "ann"]],
        ["kind": "ServiceAccount", "serviceAccount": ["namespace": "shop", "name": "*"]],
      ],
      "resourceRules": [
        ["verbs": ["get"], "apiGroups": [""], "resources": ["pods", "pods/status"], "namespaces": ["shop"]]
      ],
      "nonResourceRules": [["verbs": ["*"], "nonResourceURLs": ["/version", "/healthz/*"]]],
    ]
    let nodes: JSON = [
      "subjects": [["kind": "Group", "group": ["name": "ops"]]],
      "resourceRules": [["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "clusterScope": true]],
    ]
    state.configure(
      schemas: [
        schema("late", "catch-all", 300, pods), schema("early", "catch-all", 200, pods),
        schema("nodes", "catch-all", 100, nodes), schema("astray", "nowhere", 50, pods),
      ], levels: [])
    func name(_ request: FlowRequest) -> String? { state.schema(of: request)?.name }
    let pod = "/api/v1/namespaces/shop/pods/a"
    #expect(name(request("ann", pod)) == "early")
    #expect(name(request("ann", pod + "/status")) == "early")
    #expect(name(request("system:serviceaccount:shop:web", pod)) == "early")
    #expect(name(request("system:serviceaccount:bank:web", pod)) == "catch-all")
    #expect(name(request("ann", pod + "/log")) == "catch-all")
    #expect(name(request("ann", pod, verb: "update")) == "catch-all")
    #expect(name(request("ann", "/api/v1/namespaces/bank/pods/a")) == "catch-all")
    #expect(name(request("ann", "/version")) == "early" && name(request("ann", "/healthz/etcd")) == "early")
    #expect(name(request("ann", "/healthz")) == "catch-all")
    #expect(name(request("bob", "/api/v1/nodes/n", groups: ["ops"])) == "nodes")
    #expect(name(request("bob", pod, groups: ["ops"])) == "catch-all")
    #expect(name(request("root", pod, groups: ["system:masters"])) == "exempt")
  }

  @Test func flowsOfASchemaAreToldApart() {
    let schema = FlowSchema(schema("s", "l", 1, [:]))
    #expect(schema.flow(of: request("ann", "/version")) == schema.flow(of: request("ann", "/api/v1/pods")))
    #expect(schema.flow(of: request("ann", "/version")) != schema.flow(of: request("bob", "/version")))
  }
}
