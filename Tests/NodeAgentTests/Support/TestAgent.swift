import APIClient
import APITesting
import ClusterModel
import ContainerRuntime
import JSONTree
import KubernetesAPI
import Logging
import NetworkTypes
import Synchronization
import Testing

@testable import NodeAgent

/// The agent's pods on a fake runtime and a fake API, with a clock that tests move.
final class TestAgent: Sendable {
  struct Event: Sendable, Hashable, CustomStringConvertible {
    let reason: String
    let message: String
    let place: String

    var description: String { "\(reason) \(place) \(message)" }
  }

  static let start = Timestamp(seconds: 1_700_000_000)

  let clock: ManualClock
  let api: FakeAPI
  let runtime: FakeRuntime
  let executor = FakeExecutor()
  let folder: TemporaryFolder
  private let recorded = Mutex<[Event]>([])
  private let manager = Mutex<PodManager?>(nil)
  private let withdrawal: PodWithdrawal?

  /// - Parameters:
  ///   - predecessor: an agent that ended; this one finds what it left.
  ///   - endpoints: the Service that its pods are withdrawn from before they end.
  init(after predecessor: TestAgent? = nil, endpoints: TestEndpoints? = nil) throws {
    if let predecessor {
      (clock, api, runtime, folder) = (predecessor.clock, predecessor.api, predecessor.runtime, predecessor.folder)
      withdrawal = nil
      return
    }
    let clock = ManualClock()
    self.clock = clock
    let now = Self.now(clock)
    api = FakeAPI(now: now)
    runtime = FakeRuntime(now: now)
    folder = try TemporaryFolder()
    withdrawal = endpoints.map { [api] in
      PodWithdrawal(
        nodeName: "node-1", bound: .seconds(2), feed: $0.feed, inForce: WithdrawalsInForce(parts: ["test"]),
        client: api.client, logger: Logger(label: "test"), now: now)
    }
  }

  private static func now(_ clock: ManualClock) -> @Sendable () -> Timestamp {
    let origin = ManualClock().now
    return { start + origin.duration(to: clock.now) }
  }

  var now: Timestamp { Self.now(clock)() }
  var events: [Event] { recorded.withLock { $0 } }
  func events(_ reason: String) -> [String] { events.filter { $0.reason == reason }.map(\.message) }

  // MARK: Running it

  /// Runs the agent while `body` does, and checks that nothing impossible was asked of the runtime.
  func run(_ body: @Sendable () async throws -> Void) async throws {
    let manager = PodManager(context: context())
    self.manager.withLock { $0 = manager }
    let events = try await runtime.events()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await self.follow(manager) }
      if let withdrawal { group.addTask { await withdrawal.run() } }
      group.addTask {
        for try await event in events { if case .exited = event.kind { await manager.heardEnd(of: event.containerID) } }
      }
      try await body()
      group.cancelAll()
    }
    await manager.shutDown()
    #expect(runtime.violations == [])
  }

  /// Tells the manager what changed, by looking again and again; the order of what an informer would tell is kept.
  private func follow(_ manager: PodManager) async {
    var known: [String: JSON] = [:]
    var isFirst = true
    while !Task.isCancelled {
      let pods = api.objects(.pods)
      for pod in pods where known[pod.uid]?.resourceVersion != pod.resourceVersion {
        known[pod.uid] = pod
        await manager.take(pod)
      }
      for (uid, pod) in known where !pods.contains(where: { $0.uid == uid }) {
        known[uid] = nil
        await manager.remove(pod)
      }
      if isFirst { await manager.endOrphans() }
      isFirst = false
      try? await Task.sleep(for: .milliseconds(1))
    }
  }

  private func context() -> PodContext {
    var configuration = NodeAgentConfiguration(
      nodeName: "node-1", nodeAddresses: [IPAddress("192.0.2.1")].compactMap { $0 })
    configuration.stateDirectory = folder.path + "/state"
    configuration.podLogDirectory = folder.path + "/logs"
    configuration.cgroupRoot = folder.path
    configuration.hostsPath = folder.path + "/hosts"
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let now = Self.now(clock)
    let api = api
    let admitter = PodAdmitter(
      configuration: configuration, machine: .test, pods: { api.objects(.pods) },
      node: { api.object(.nodes, ObjectName(name: "node-1")) })
    var context = PodContext(
      configuration: configuration, runtime: runtime,
      objects: PodObjects(client: api.client, tokens: TokenCache(now: now)),
      admitter: admitter, volumes: VolumeManager(configuration: configuration),
      sandboxes: SandboxConfigBuilder(configuration: configuration, nodeResolver: ResolverConfiguration()),
      executor: executor,
      events: PodEvents { [weak self] reference, _, reason, message in
        let event = Event(reason: reason, message: message, place: reference["fieldPath"]?.string ?? "")
        self?.recorded.withLock { $0.append(event) }
      },
      statuses: StatusWriter(client: api.client, clock: clock, logger: logger), machine: .test, services: { _ in [] },
      clock: clock, now: now, logger: logger)
    context.withdrawal = withdrawal
    context.controlGroups.hierarchies = { [path = folder.path] in [path + "/cgroup"] }
    return context
  }

  /// The node's server for the agent that runs.
  func server(on socket: Int32) async throws -> NodeServer {
    var configuration = NodeAgentConfiguration(nodeName: "node-1", nodeAddresses: [])
    configuration.listeningSocket = socket
    configuration.serverTLS = try TestCertificate.server()
    configuration.systemLogDirectory = folder.path + "/system"
    let manager = try #require(manager.withLock { $0 })
    return NodeServer(configuration: configuration, manager: manager, runtime: runtime, logger: Logger(label: "test"))
  }

  func measureStorage() async { await manager.withLock { $0 }?.measureStorage() }

  // MARK: Pods

  func worker(_ name: String) async -> PodWorker? {
    await manager.withLock { $0 }?.worker(namespace: "default", name: name)
  }

  /// Puts a pod on the node.
  @discardableResult
  func add(_ pod: JSON) -> JSON { api.put(.pods, pod) }

  func pod(_ name: String = "web") -> JSON? { api.object(.pods, ObjectName(namespace: "default", name: name)) }

  func containerStatus(_ container: String, of pod: String = "web") -> JSON? {
    let status = self.pod(pod)?.status
    return
      ((status?["containerStatuses"]?.items ?? []) + (status?["initContainerStatuses"]?.items ?? [])
      + (status?["ephemeralContainerStatuses"]?.items ?? []))
      .first { $0["name"]?.string == container }
  }

  func waitingReason(_ container: String) -> String? {
    containerStatus(container)?["state"]?["waiting"]?["reason"]?.string
  }

  var isReady: Bool { pod()?.isPodReady ?? false }

  // MARK: Time

  /// Returns once the worker sleeps until something is due, so that moving the clock wakes it.
  func timerIsSet(count: Int = 1) async { await eventually("a timer is set") { self.clock.sleeperCount >= count } }
}

/// Waits, in real time, for what tasks are about to bring about.
func eventually(
  _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () -> Bool
) async {
  let deadline = ContinuousClock.now + .seconds(40)
  while !condition() {
    guard ContinuousClock.now < deadline else {
      Issue.record("never came about: \(what)", sourceLocation: sourceLocation)
      return
    }
    try? await Task.sleep(for: .milliseconds(1))
  }
}

/// Gives tasks that should do nothing the time to do it.
func settle() async { try? await Task.sleep(for: .milliseconds(30)) }

extension MachineFacts {
  static let test = MachineFacts(
    milliCPU: 4000, memory: 8 << 30, kernelVersion: "6", operatingSystem: "Linux", machineID: "m", systemUUID: "s",
    bootID: "b", architecture: "amd64", storage: 1 << 30)
}
