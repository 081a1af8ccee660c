package import ClusterModel
internal import Conntrack
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
  private let configuration: Configuration
  private let feed: ClusterFeed
  private let logger: Logger
  private let withdrawals: WithdrawalsInForce?
  private let onSync: @Sendable (ServiceSync) -> Void

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
  }

  /// Its names in ``WithdrawalsInForce``: one for each family it programs.
  package static func parts(of configuration: Configuration) -> [String] {
    Set(configuration.serviceBlocks.map(\.family)).map(part)
  }

  private static func part(_ family: IPAddress.Family) -> String { "services \(family)" }

  /// Runs until the feed ends or the group shuts down. Throws where the kernel refuses the rules: it lacks something.
  package func run() async throws {
    let sweeper = FlowSweeper(try ConntrackConnection(in: configuration.namespace), logger: logger)
    try await cancelWhenGracefulShutdown {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await sweeper.run() }
        for family in Set(configuration.serviceBlocks.map(\.family)) {
          group.addTask { try await program(family, sweeper) }
        }
        // The sweeper ends by cancellation only.
        for _ in Set(configuration.serviceBlocks.map(\.family)) { try await group.next() }
        group.cancelAll()
      }
    }
  }

  private func program(_ family: IPAddress.Family, _ sweeper: FlowSweeper) async throws {
    let rules = ServiceRules(
      family: family, serviceBlocks: configuration.serviceBlocks, tableName: configuration.tableName)
    var kernel = ServiceKernel(rules: rules, connection: try NFTConnection(in: configuration.namespace))
    // Conflicts since the last round that went well: the first is mended by reading, the next by making anew.
    var conflicts = 0
    while !Task.isCancelled {
      let subscription = feed.subscribe()
      guard let first = await subscription.next() else { return }
      do {
        let table = conflicts > 1 ? nil : try kernel.adopt()
        if table == nil { kernel.discard() }
        var plan = ServicePlan(planConfiguration(family), adopting: table ?? ServiceTable())
        try synchronize(first, &plan, &kernel, sweeper, wasAdopted: table != nil)
        withdrawals?.advance(Self.part(family), to: first.snapshot.withdrawal)
        while let update = await subscription.next() {
          try synchronize(update, &plan, &kernel, sweeper, wasAdopted: true)
          withdrawals?.advance(Self.part(family), to: update.snapshot.withdrawal)
          conflicts = 0
        }
        return
      } catch let error as NFTablesError where error.isConflict && conflicts < 3 {
        conflicts += 1
        logger.warning("the kernel's Service table is not as expected, reading it again: \(error)")
      }
    }
  }

  private func planConfiguration(_ family: IPAddress.Family) -> ServicePlan.Configuration {
    ServicePlan.Configuration(
      nodeName: configuration.nodeName, family: family, carriesSCTP: KernelSupport.translatesSCTP(),
      exemptAddresses: configuration.exemptAddresses.filter { $0.family == family })
  }

  private func synchronize(
    _ update: ClusterUpdate, _ plan: inout ServicePlan, _ kernel: inout ServiceKernel, _ sweeper: FlowSweeper,
    wasAdopted: Bool
  ) throws {
    let clock = ContinuousClock()
    let start = clock.now
    let delta = plan.update(update)
    let planned = clock.now
    guard update.isFirst || !delta.isEmpty else { return }
    try kernel.commit(delta)
    let done = clock.now
    sweeper.request(
      Dictionary(
        uniqueKeysWithValues: delta.addressesWithStaleFlows.map { ($0, plan.flowPolicy(for: $0)) }))
    let sync = ServiceSync(
      isFirst: update.isFirst, wasAdopted: wasAdopted, changedServices: update.change.services.count,
      elements: delta.elementCount, ports: plan.portCount, planning: planned - start, programming: done - planned)
    logger.log(
      level: sync.isFirst ? .info : .debug, sync.isFirst ? "Services are in force" : "Services changed",
      metadata: [
        "services": "\(sync.changedServices)", "ports": "\(sync.ports)", "elements": "\(sync.elements)",
        "adopted": "\(sync.wasAdopted)", "planning": "\(sync.planning)", "programming": "\(sync.programming)",
      ])
    onSync(sync)
  }
}
