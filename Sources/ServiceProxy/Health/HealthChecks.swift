internal import ClusterModel
internal import HashTreeCollections
internal import KubernetesAPI
internal import LinuxKernel
internal import Logging
internal import ServicePlan
internal import Synchronization

/// Answers load balancers outside: on each Service's own health check port, and about the node as a whole.
actor HealthChecks {
  private struct Open {
    let check: Mirror
    let listener: HealthListener
  }

  /// What a port answers with, which may change while it listens.
  private final class Mirror: Sendable {
    private let value: Mutex<HealthCheck>
    init(_ check: HealthCheck) { value = Mutex(check) }
    var check: HealthCheck {
      get { value.withLock { $0 } }
      set { value.withLock { $0 = newValue } }
    }
  }

  private let configuration: ServiceProxy.Configuration
  private let health: ProxyHealth
  private let metrics: ServiceProxyMetrics
  private let logger: Logger
  private var open: [ObjectName: Open] = [:]
  private var ofNode: HealthListener?
  private var snapshot = ClusterSnapshot()
  /// Those whose port could not be opened: whoever had it may not have given it up yet. They are tried again.
  private var failed: Set<ObjectName> = []
  private var nodeHasFailed = false
  /// The last piece of work: each waits for the one before, so that no port is opened twice.
  private var last: Task<Void, Never>?

  init(
    _ configuration: ServiceProxy.Configuration, health: ProxyHealth, metrics: ServiceProxyMetrics, logger: Logger
  ) {
    self.configuration = configuration
    self.health = health
    self.metrics = metrics
    self.logger = logger
  }

  /// Runs until the feed ends or the task is cancelled.
  func run(_ feed: ClusterFeed) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.follow(feed) }
      group.addTask { await self.retryRepeatedly() }
      await group.next()
      group.cancelAll()
    }
    await last?.value
    await ofNode?.close()
    for entry in open.values { await entry.listener.close() }
  }

  private func follow(_ feed: ClusterFeed) async {
    await serially { await $0.listenForNode() }
    let subscription = feed.subscribe()
    while let update = await subscription.next() { await serially { await $0.take(update) } }
  }

  private func retryRepeatedly() async {
    // The kernel tells nobody that a port is free again. Ends with the sleep that is cancelled.
    while (try? await Task.sleep(for: configuration.healthRetryInterval)) != nil { await serially { await $0.retry() } }
  }

  private func serially(_ work: @escaping @Sendable (HealthChecks) async -> Void) async {
    // Waited for here.
    let task = Task { [before = last] in
      await before?.value
      await work(self)
    }
    last = task
    await task.value
  }

  private func take(_ update: ClusterUpdate) async {
    snapshot = update.snapshot
    if update.isFirst || update.change.nodes.contains(configuration.nodeName) {
      health.setNodeEligible(snapshot.nodes[configuration.nodeName]?.isLeaving != true)
    }
    // A port may pass from one Service to another.
    for name in update.change.services where check(name) == nil { await close(name) }
    for name in update.change.services { await take(name) }
  }

  private func retry() async {
    if ofNode == nil { await listenForNode() }
    for name in failed { await take(name) }
  }

  private func check(_ name: ObjectName) -> HealthCheck? {
    snapshot.services[name].flatMap {
      HealthCheck($0, slices: snapshot.endpointSlices(of: name), node: configuration.nodeName)
    }
  }

  private func close(_ name: ObjectName) async { await open.removeValue(forKey: name)?.listener.close() }

  private func listenForNode() async {
    guard let port = configuration.healthPort else { return }
    let (health, metrics) = (health, metrics)
    do {
      ofNode = try await HealthListener.open(port: port, in: configuration.namespace) { path in
        let report = health.report()
        switch path {
        case "/healthz":
          let answer = HealthAnswer.node(report, now: .now)
          metrics.countHealthAnswer(answer.status)
          return answer
        case "/livez":
          let answer = HealthAnswer.proxy(report, now: .now)
          metrics.countLiveAnswer(answer.status)
          return answer
        default: return .notFound
        }
      }
    } catch {
      guard !nodeHasFailed else { return }
      nodeHasFailed = true
      logger.warning(
        "load balancers cannot ask for this node's health yet", metadata: ["port": "\(port)", "error": "\(error)"])
    }
  }

  private func take(_ name: ObjectName) async {
    let wanted = check(name)
    if let current = open[name] {
      if let wanted, wanted.port == current.check.check.port {
        current.check.check = wanted
        return
      }
      await close(name)
    }
    guard let wanted else {
      failed.remove(name)
      return
    }
    let mirror = Mirror(wanted)
    let health = health
    do {
      let listener = try await HealthListener.open(port: wanted.port, in: configuration.namespace) { _ in
        HealthAnswer(mirror.check, isProxyHealthy: health.report().isHealthy)
      }
      open[name] = Open(check: mirror, listener: listener)
      failed.remove(name)
    } catch {
      guard failed.insert(name).inserted else { return }
      logger.error(
        "node \(configuration.nodeName) failed to start healthcheck \"\(name)\" on port \(wanted.port): \(error)")
    }
  }
}
