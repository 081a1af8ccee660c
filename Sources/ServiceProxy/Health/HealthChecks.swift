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
  /// Those whose port could not be opened; the next update tries again.
  private var failed: Set<ObjectName> = []

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
    let ofNode = await listenForNode()
    let subscription = feed.subscribe()
    while let update = await subscription.next() {
      if update.isFirst || update.change.nodes.contains(configuration.nodeName) {
        health.setNodeEligible(update.snapshot.nodes[configuration.nodeName]?.isLeaving != true)
      }
      let changed = update.change.services.union(failed)
      // A port may pass from one Service to another.
      for name in changed where check(name, update.snapshot) == nil { await close(name) }
      for name in changed { await take(name, update.snapshot) }
    }
    await ofNode?.close()
    for entry in open.values { await entry.listener.close() }
  }

  private func check(_ name: ObjectName, _ snapshot: ClusterSnapshot) -> HealthCheck? {
    snapshot.services[name].flatMap {
      HealthCheck($0, slices: snapshot.endpointSlices(of: name), node: configuration.nodeName)
    }
  }

  private func close(_ name: ObjectName) async { await open.removeValue(forKey: name)?.listener.close() }

  private func listenForNode() async -> HealthListener? {
    guard let port = configuration.healthPort else { return nil }
    let (health, metrics) = (health, metrics)
    do {
      return try await HealthListener.open(port: port, in: configuration.namespace) { path in
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
      logger.warning(
        "load balancers cannot ask for this node's health", metadata: ["port": "\(port)", "error": "\(error)"])
      return nil
    }
  }

  private func take(_ name: ObjectName, _ snapshot: ClusterSnapshot) async {
    let wanted = check(name, snapshot)
    failed.remove(name)
    if let current = open[name] {
      if let wanted, wanted.port == current.check.check.port {
        current.check.check = wanted
        return
      }
      await close(name)
    }
    guard let wanted else { return }
    let mirror = Mirror(wanted)
    let health = health
    do {
      let listener = try await HealthListener.open(port: wanted.port, in: configuration.namespace) { _ in
        HealthAnswer(mirror.check, isProxyHealthy: health.report().isHealthy)
      }
      open[name] = Open(check: mirror, listener: listener)
    } catch {
      failed.insert(name)
      logger.error(
        "node \(configuration.nodeName) failed to start healthcheck \"\(name)\" on port \(wanted.port): \(error)")
    }
  }
}
