import APIClient
import APITesting
import JSONTree
import KubernetesAPI
import Logging
import Testing

@testable import Scheduler

@Suite("Scheduler")
struct SchedulerServiceTests {
  private let api = FakeAPI()

  private func withScheduler(_ body: (inout AsyncStream<InformerEvent>.Iterator) async throws -> Void) async throws {
    let logger = Logger(label: "test")
    let informers = InformerFactory(client: api.client, logger: logger)
    let scheduler = SchedulerService(client: api.client, informers: informers, logger: logger)
    let events = Informer(client: api.client, kind: .pods, logger: logger)
    try await withThrowingTaskGroup { group in
      group.addTask { await informers.run() }
      group.addTask { await scheduler.run() }
      group.addTask { await events.run() }
      var iterator = events.subscribe().makeAsyncIterator()
      try await body(&iterator)
      group.cancelAll()
    }
  }

  /// Reads events until one satisfies the condition.
  private func wait(
    _ events: inout AsyncStream<InformerEvent>.Iterator, until condition: (JSON) -> Bool
  ) async -> JSON? {
    while let event = await events.next() {
      if let object = event.object, condition(object) { return object }
    }
    return nil
  }

  @Test(.timeLimit(.minutes(5))) func bindsAPodToTheNodeThatFits() async throws {
    api.put(.nodes, Sample.node("small", cpu: "1"))
    api.put(.nodes, Sample.node("large", cpu: "8"))
    try await withScheduler { events in
      _ = try await api.client.create(.pods, Sample.created("p", cpu: "2"))
      let bound = await wait(&events) { !$0.nodeName.isEmpty }
      #expect(bound?.nodeName == "large")
    }
  }

  @Test(.timeLimit(.minutes(5))) func saysWhyAndTriesAgainWhenANodeComes() async throws {
    api.put(.nodes, Sample.node("small", cpu: "1"))
    try await withScheduler { events in
      _ = try await api.client.create(.pods, Sample.created("p", cpu: "2"))
      let refused = await wait(&events) { $0.condition("PodScheduled") != nil }
      #expect(refused?.condition("PodScheduled")?["status"] == "False")
      #expect(refused?.condition("PodScheduled")?["reason"] == "Unschedulable")
      #expect(refused?.condition("PodScheduled")?["observedGeneration"] == 1)
      #expect(
        refused?.condition("PodScheduled")?["message"] == "0/1 nodes are available: 1 Insufficient cpu.")
      api.put(.nodes, Sample.node("large", cpu: "8"))
      #expect(await wait(&events) { !$0.nodeName.isEmpty }?.nodeName == "large")
    }
    let told = api.objects(.coreEvents).map { $0["reason"]?.string }
    #expect(told.contains("FailedScheduling"))
  }

  @Test(.timeLimit(.minutes(5))) func aDeletedPodMakesRoom() async throws {
    api.put(.nodes, Sample.node("a", cpu: "1"))
    api.put(.pods, Sample.pod("old", cpu: "1", node: "a"))
    try await withScheduler { events in
      _ = try await api.client.create(.pods, Sample.created("new", cpu: "1"))
      _ = await wait(&events) { $0.name == "new" && $0.condition("PodScheduled") != nil }
      api.remove(.pods, ObjectName(namespace: "default", name: "old"))
      #expect(await wait(&events) { $0.name == "new" && !$0.nodeName.isEmpty }?.nodeName == "a")
    }
  }

  @Test func manyPodsNeverOverfillANode() {
    var state = SchedulerState()
    state.takeNode(.added(Sample.node("a", cpu: "2")))
    for index in 0..<5 { state.takePod(.added(Sample.pod("p\(index)", cpu: "1"))) }
    let bound = state.decide().count { if case .bind = $0 { true } else { false } }
    #expect(bound == 2)
    #expect(state.decide().isEmpty)
  }

  /// Until its node has taken something away, a pod that was resized still has it.
  @Test func aPodThatWasResizedToLessMakesRoom() throws {
    var state = SchedulerState()
    state.takeNode(.added(Sample.node("a", cpu: "2")))
    var old = Sample.pod("old", cpu: "2", node: "a")
    state.takePod(.added(old))
    state.takePod(.added(Sample.pod("new", cpu: "1")))
    guard case .refuse = try #require(state.decide().first) else {
      Issue.record("bound to a full node")
      return
    }
    let name = old.spec["containers"]?.items.first?["name"] ?? ""
    old[path: "spec", "containers"] = [["name": name, "resources": ["requests": ["cpu": "1"]]]]
    old[path: "status", "containerStatuses"] = [["name": name, "allocatedResources": ["cpu": "2"]]]
    state.takePod(.updated(old: old, new: old))
    #expect(state.decide().isEmpty)
    old[path: "status", "containerStatuses"] = [["name": name, "allocatedResources": ["cpu": "1"]]]
    state.takePod(.updated(old: old, new: old))
    guard case .bind = try #require(state.decide().first) else {
      Issue.record("not bound")
      return
    }
  }

  @Test func aFailedBindingGivesTheRoomBack() throws {
    var state = SchedulerState()
    state.takeNode(.added(Sample.node("a", cpu: "1")))
    state.takePod(.added(Sample.pod("p", cpu: "1")))
    guard case .bind(let pod, _) = try #require(state.decide().first) else {
      Issue.record("not bound")
      return
    }
    state.bindingFailed(pod)
    guard case .bind = try #require(state.decide().first) else {
      Issue.record("not bound again")
      return
    }
  }
}

extension Sample {
  /// A pod as a client creates it.
  static func created(_ name: String, cpu: JSON) -> JSON {
    var pod = Sample.pod(name, cpu: cpu)
    pod[path: "metadata", "uid"] = nil
    return pod
  }
}
