package import ClusterModel
internal import Conntrack
internal import KubernetesAPI
internal import LinuxKernel
package import Logging
internal import NFTables
internal import NetworkTypes
internal import ServiceLifecycle
internal import ServicePlan

/// Keeps the kernel's Service rules in step with the cluster, one netlink transaction for each batch of changes.
///
/// On start it adopts what the kernel holds and corrects the difference; when it ends it leaves everything in force.
package struct ServiceProxy: Service {
  let configuration: Configuration
  let feed: ClusterFeed
  private let logger: Logger
  private let withdrawals: WithdrawalsInForce?
  private let onSync: @Sendable (ServiceSync) -> Void
  private let health: ProxyHealth
  package let metrics = ServiceProxyMetrics()

  /// - Parameters:
  ///   - withdrawals: told what is in force, by the parts that ``parts(of:)`` names.
  ///   - onSync: called after each round, on the proxy's own task: keep it short.
  package init(
    _ configuration: Configuration, feed: ClusterFeed, logger: Logger, withdrawals: WithdrawalsInForce? = nil,
    onSync: @escaping @Sendable (ServiceSync) -> Void = { _ in }
  ) {
    self.configuration = configuration
    self.feed = feed
    self.logger = logger
    self.withdrawals = withdrawals
    self.onSync = onSync
    health = ProxyHealth(configuration.families)
  }

  /// Its names in ``WithdrawalsInForce``: one for each family it programs.
  package static func parts(of configuration: Configuration) -> [String] {
    configuration.families.map(part)
  }

  private static func part(_ family: IPAddress.Family) -> String { "services \(family)" }

  /// Runs until the feed ends or the group shuts down. Throws where the kernel refuses the rules: it lacks something.
  package func run() async throws {
    let flows = FlowReconciler(
      try ConntrackConnection(in: configuration.namespace), interval: configuration.flowCheckInterval, metrics: metrics,
      logger: logger)
    let checks = HealthChecks(configuration, health: health, metrics: metrics, logger: logger)
    try await cancelWhenGracefulShutdown {
      try await withThrowingTaskGroup(of: Bool.self) { group in
        // These end by cancellation only, or with the feed.
        group.addTask {
          await flows.run()
          return false
        }
        group.addTask {
          await checks.run(feed)
          return false
        }
        for family in configuration.families {
          group.addTask {
            try await program(family, flows)
            return true
          }
        }
        var running = configuration.families.count
        while running > 0, let isProgramming = try await group.next() { if isProgramming { running -= 1 } }
        group.cancelAll()
      }
    }
  }

  private func program(_ family: IPAddress.Family, _ flows: FlowReconciler) async throws {
    var kernel = try kernel(family)
    var triggers = ChangeTriggers(family, start: .now)
    // Conflicts since the last round that went well: the first is mended by reading, the next by making anew.
    var conflicts = 0
    while !Task.isCancelled {
      let subscription = feed.subscribe()
      guard let first = await subscription.next() else { return }
      do {
        let table = conflicts > 1 ? nil : try kernel.adopt()
        if table == nil { kernel.discard() }
        var round = Round(
          plan: ServicePlan(planConfiguration(family), adopting: table ?? ServiceTable()), kernel: kernel,
          triggers: triggers, wasAdopted: table != nil)
        defer { (kernel, triggers) = (round.kernel, round.triggers) }
        try synchronize(first, &round, flows)
        withdrawals?.advance(Self.part(family), to: first.snapshot.withdrawal)
        round.wasAdopted = true
        while let update = await subscription.next() {
          try synchronize(update, &round, flows)
          withdrawals?.advance(Self.part(family), to: update.snapshot.withdrawal)
          conflicts = 0
        }
        return
      } catch let error as NFTablesError where error.isConflict && conflicts < 3 {
        conflicts += 1
        metrics.update(family) { $0.failures += 1 }
        logger.warning("the kernel's Service table is not as expected, reading it again: \(error)")
      }
    }
  }

  /// What programming one family keeps from one update to the next.
  private struct Round {
    var plan: ServicePlan
    var kernel: ServiceKernel
    var triggers: ChangeTriggers
    var wasAdopted: Bool
  }

  func kernel(_ family: IPAddress.Family) throws -> ServiceKernel {
    let rules = ServiceRules(family: family, tableName: configuration.tableName)
    return ServiceKernel(rules: rules, connection: try NFTConnection(in: configuration.namespace))
  }

  func planConfiguration(_ family: IPAddress.Family) -> ServicePlan.Configuration {
    ServicePlan.Configuration(
      nodeName: configuration.nodeName, family: family, carriesSCTP: KernelSupport.translatesSCTP(),
      serviceBlocks: configuration.serviceBlocks,
      exemptAddresses: configuration.exemptAddresses.filter { $0.family == family })
  }

  private func synchronize(_ update: ClusterUpdate, _ round: inout Round, _ flows: FlowReconciler) throws {
    let family = round.plan.configuration.family
    let clock = ContinuousClock()
    let start = clock.now
    health.begin(family, at: start)
    let delta = round.plan.update(update)
    let planned = clock.now
    guard update.isFirst || !delta.isEmpty else { return health.end(family) }
    let plan = round.plan
    // At the start all policies come anew, and addresses that were in the kernel may have lost their Service meanwhile.
    let changed = delta.changedFlowAddresses.filter { !update.isFirst || !plan.serves($0) }
    flows.expect { book in
      if update.isFirst { book.replace(family, with: plan.flowPolicies) }
      book.update(
        Dictionary(
          uniqueKeysWithValues: changed.map { ($0, plan.serves($0) ? plan.flowPolicy(for: $0) : nil) }))
    }
    if delta.services.added.contains(where: \.key.address.isLoopback) { try admitLoopback() }
    try round.kernel.commit(delta)
    let done = clock.now
    health.end(family)
    if round.kernel.isCrowded { try collect(&round) }
    flows.request(delta.addressesWithStaleFlows)
    count(update, &round, taking: done - start)
    let sync = ServiceSync(
      isFirst: update.isFirst, wasAdopted: round.wasAdopted, changedServices: update.change.services.count,
      elements: delta.elementCount, ports: plan.portCount, planning: planned - start, programming: done - planned)
    logger.log(
      level: sync.isFirst ? .info : .debug, sync.isFirst ? "Services are in force" : "Services changed",
      metadata: [
        "services": "\(sync.changedServices)", "ports": "\(sync.ports)", "elements": "\(sync.elements)",
        "adopted": "\(sync.wasAdopted)", "planning": "\(sync.planning)", "programming": "\(sync.programming)",
      ])
    onSync(sync)
  }

  private func collect(_ round: inout Round) throws {
    let inUse = round.plan.classesInUse
    do throws(NFTablesError) {
      try round.kernel.collect(keeping: [.everybody: inUse.everybody, .inside: inUse.inside])
    } catch {
      if error.isConflict { throw error }
      let reason = error.message
      // Kernels before 6.2 notice late that nothing leads to a chain any more. The next time is soon enough.
      logger.debug("chains of classes that are not in use stay for now: \(reason)")
    }
  }

  private func count(_ update: ClusterUpdate, _ round: inout Round, taking duration: Duration) {
    let now = Timestamp.now
    let moments = round.triggers.news(in: update)
    let withoutLocal = round.plan.portsWithoutLocalEndpoints
    metrics.update(round.plan.configuration.family) { values in
      values.syncs.observe(duration)
      for moment in moments { values.networkProgramming.observe(now - moment) }
      values.serviceChanges += update.change.serviceObjects.count
      values.endpointChanges += update.change.endpointSlices.count
      values.lastSync = now
      values.withoutLocalEndpoints = withoutLocal
    }
  }

  /// Packets from 127.0.0.1 leave for a pod only with this setting. The rules keep out what would come in by it.
  private func admitLoopback() throws {
    let admit = { _ = try Sysctl.set("net/ipv4/conf/all/route_localnet", to: "1") }
    do {
      try configuration.namespace?.run(admit) ?? admit()
    } catch {
      logger.error("host ports cannot be reached at 127.0.0.1: \(error)")
    }
  }
}
