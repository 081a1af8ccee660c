package import APIClient
package import ClusterModel
package import ContainerRuntime
import JSONTree
import KubernetesAPI
package import Logging
import NIOPosix
import ServiceLifecycle

/// A node's agent: registers the node, runs the pods bound to it, and answers for their logs and commands.
package struct NodeAgent: Service {
  private let configuration: NodeAgentConfiguration
  private let client: APIClient
  private let feed: ClusterFeed
  private let runtime: any RuntimeService
  private let withdrawal: PodWithdrawal?
  private let logger: Logger
  private let clock: any Clock<Duration>

  /// - Parameters:
  ///   - client: under the node's own identity (`system:node:NAME`).
  ///   - feed: the cluster, whose Services the containers' environments name.
  ///   - runtime: a ``CRIClient`` whose runtime answers already.
  ///   - withdrawal: keeps pods that end in service until nothing new is sent to them; `nil`: they are told at once.
  package init(
    configuration: NodeAgentConfiguration, client: APIClient, feed: ClusterFeed, runtime: any RuntimeService,
    withdrawal: PodWithdrawal? = nil, logger: Logger, clock: any Clock<Duration> = ContinuousClock()
  ) {
    self.configuration = configuration
    self.client = client.named("kubelet")
    self.feed = feed
    self.runtime = runtime
    self.withdrawal = withdrawal
    self.logger = logger
    self.clock = clock
  }

  /// Works until the task is cancelled or shutdown begins. Containers go on without it.
  package func run() async throws {
    try await cancelWhenGracefulShutdown { try await self.work() }
  }

  private func work() async throws {
    let machine = MachineFacts.read(stateDirectory: configuration.stateDirectory)
    let recorder = EventRecorder(client: client, component: "kubelet", host: configuration.nodeName, logger: logger)
    let pods = Informer(
      client: client, kind: .pods,
      configuration: InformerConfiguration(fieldSelector: "spec.nodeName=\(configuration.nodeName)"), logger: logger)
    let context = makeContext(machine, recorder, pods)
    let manager = PodManager(context: context)
    let reporter = NodeReporter(
      client: client, runtime: runtime, configuration: configuration, machine: machine, clock: clock,
      now: { .now }, logger: logger)
    let lease = LeaseRenewer(client: client, configuration: leaseConfiguration, logger: logger)
    let known = Gate()
    let server = NodeServer(configuration: configuration, manager: manager, runtime: runtime, logger: logger)

    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await recorder.run() }
      group.addTask { await pods.run() }
      if let withdrawal { group.addTask { await withdrawal.run() } }
      // Until the node's pods are known whoever asks for one waits in the socket: it may be there.
      group.addTask {
        try await known.wait()
        try await server.run()
      }
      group.addTask {
        await reporter.register()
        await withTaskGroup(of: Void.self) { group in
          group.addTask { await reporter.run() }
          group.addTask { await lease.run() }
        }
      }
      group.addTask { try await self.follow(pods, manager, known) }
      group.addTask { await self.followRuntime(manager) }
      group.addTask { await self.sweep(pods, manager) }
      group.addTask { await self.rotateLogs(manager) }
      group.addTask { await self.measureStorage(manager) }
      // Each of them works for as long as the agent does: the first that ends, ends all.
      defer { group.cancelAll() }
      _ = try await group.next()
    }
    await manager.shutDown()
  }

  private var leaseConfiguration: LeaseRenewer.Configuration {
    let nodeName = configuration.nodeName
    var lease = LeaseRenewer.Configuration(
      name: ObjectName(namespace: "kube-node-lease", name: nodeName), holder: nodeName)
    lease.interval = configuration.leaseRenewal
    lease.duration = .seconds(configuration.leaseDurationSeconds)
    lease.owner = { [client] in try? await client.find(.nodes, name: nodeName) }
    if let inForce = withdrawal?.inForce {
      lease.annotations = { [NodeAcknowledgements.annotation: "\(inForce.revision)"] }
      lease.news = inForce.news
    }
    return lease
  }

  private func makeContext(
    _ machine: MachineFacts, _ recorder: EventRecorder, _ pods: Informer
  ) -> PodContext {
    let nodeName = configuration.nodeName
    let resolver = (try? ResolverConfiguration.read(configuration.resolverPath)) ?? ResolverConfiguration()
    return PodContext(
      configuration: configuration, runtime: runtime,
      objects: PodObjects(client: client, tokens: TokenCache(now: { .now })),
      admitter: PodAdmitter(
        configuration: configuration, machine: machine, pods: { pods.list() },
        node: { [client] in try? await client.find(.nodes, name: nodeName) }),
      volumes: VolumeManager(configuration: configuration, nodeMemory: machine.memory),
      sandboxes: SandboxConfigBuilder(configuration: configuration, nodeResolver: resolver),
      executor: Prober(runtime: runtime, group: MultiThreadedEventLoopGroup.singleton),
      events: PodEvents { reference, kind, reason, message in
        recorder.record(reference: reference, kind, reason: reason, message)
      },
      statuses: StatusWriter(client: client, clock: clock, logger: logger), machine: machine,
      services: { [feed] in ServiceEnvironment.services(in: feed.snapshot, of: $0) }, withdrawal: withdrawal,
      clock: clock, now: { .now }, logger: logger)
  }

  /// Pods wait for the Services to be known, as their containers' environments name them.
  private func follow(_ pods: Informer, _ manager: PodManager, _ known: Gate) async throws {
    do {
      let cluster = feed.subscribe()
      guard await cluster.next() != nil else { return }
    }
    for await event in pods.subscribe() {
      switch event {
      case .added(let pod): await manager.take(pod)
      case .updated(let old, let new):
        // A pod of the same name made while nobody watched is another pod.
        if old.uid != new.uid { await manager.remove(old) }
        await manager.take(new)
      case .deleted(let pod): await manager.remove(pod)
      case .synced:
        known.open()
        await manager.endOrphans()
      }
    }
  }

  /// Hands the runtime's events on. After a loss everything is looked at again, as events may have been missed.
  private func followRuntime(_ manager: PodManager) async {
    while !Task.isCancelled {
      do {
        let events = try await runtime.events()
        await manager.kickAll()
        for try await event in events {
          if case .exited = event.kind { await manager.heardEnd(of: event.containerID) }
        }
      } catch {
        guard !Task.isCancelled else { return }
        logger.warning("The runtime's events were lost; subscribing anew.", metadata: ["error": "\(error)"])
        guard (try? await clock.sleep(for: .milliseconds(200))) != nil else { return }
      }
    }
  }

  /// Until the task is cancelled.
  private func rotateLogs(_ manager: PodManager) async {
    while (try? await clock.sleep(for: configuration.containerLogInterval)) != nil { await manager.rotateLogs() }
  }

  private func measureStorage(_ manager: PodManager) async {
    // A sleep fails where the agent ends.
    while (try? await clock.sleep(for: configuration.storageInterval)) != nil { await manager.measureStorage() }
  }

  /// Looks for what was left behind, and at every pod, now and then: a safety net under the events.
  private func sweep(_ pods: Informer, _ manager: PodManager) async {
    while (try? await clock.sleep(for: .seconds(60))) != nil {
      guard pods.hasSynced else { continue }
      await manager.endOrphans()
      await manager.kickAll()
    }
  }
}
