package import ClusterModel
internal import LinuxKernel
package import Logging
internal import NFTables
internal import NetworkTypes
internal import PolicyPlan
internal import ServiceLifecycle

/// Keeps the kernel's policy rules in step with the cluster, one netlink transaction for each batch of changes.
///
/// On start it replaces what the kernel holds in one step; when it ends it leaves everything in force.
package struct PolicyEnforcer: Service {
  let configuration: Configuration
  private let feed: ClusterFeed
  private let logger: Logger
  private let inForce: SnapshotsInForce?

  /// - Parameter inForce: told what is in force, by the parts that ``parts(of:)`` names.
  package init(_ configuration: Configuration, feed: ClusterFeed, inForce: SnapshotsInForce? = nil, logger: Logger) {
    self.configuration = configuration
    self.feed = feed
    self.inForce = inForce
    self.logger = logger
  }

  /// Its names in ``SnapshotsInForce``: one for each family it programs.
  package static func parts(of configuration: Configuration) -> [String] { configuration.families.map(part) }

  /// How many packets policies have denied here, and of how many of them the log was told. Counts begin anew with the
  /// tables.
  package func deniedPackets() throws -> DeniedPackets {
    let connection = try NFTConnection(in: configuration.namespace)
    return try configuration.families.reduce(into: DeniedPackets()) { sum, family in
      let rules = self.rules(family)
      // Not yet, or somebody took it away.
      guard try connection.holds(rules.table) else { return }
      let packets = try rules.deniedPackets(connection)
      sum.denied += packets.denied
      sum.told += packets.told
    }
  }

  private func rules(_ family: IPAddress.Family) -> PolicyRules {
    PolicyRules(family: family, tableName: configuration.tableName, logGroup: configuration.logGroup)
  }

  private static func part(_ family: IPAddress.Family) -> String { "policies \(family)" }

  /// Runs until the feed ends or the group shuts down. Throws where the kernel refuses the rules: it lacks something.
  package func run() async throws {
    let cutter = try FlowCutter(configuration, logger: logger)
    try await cancelWhenGracefulShutdown {
      try await withThrowingTaskGroup(of: Bool.self) { group in
        // Ends by cancellation only.
        group.addTask {
          await cutter.run()
          return false
        }
        for family in configuration.families {
          group.addTask {
            try await program(family, cutter)
            return true
          }
        }
        var running = configuration.families.count
        while running > 0, let isProgramming = try await group.next() { if isProgramming { running -= 1 } }
        group.cancelAll()
      }
    }
  }

  /// Keeps one family's table; where somebody else changed or removed it, it is made anew.
  private func program(_ family: IPAddress.Family, _ cutter: FlowCutter) async throws {
    let rules = self.rules(family)
    // Conflicts in quick succession: making it anew does not help then.
    var conflicts = 0
    while !Task.isCancelled {
      let start = ContinuousClock.now
      do {
        return try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await watch(rules.table) }
          group.addTask { try await follow(family, rules, cutter) }
          // The watch ends by an error only.
          try await group.next()
          group.cancelAll()
        }
      } catch let loss as TableLoss {
        logger.error("\(loss); making it anew")
      } catch let error as NFTablesError where error.isConflict {
        conflicts = ContinuousClock.now - start > configuration.checkInterval ? 1 : conflicts + 1
        guard conflicts <= 3 else { throw error }
        logger.warning("the kernel's policy table is not as expected, making it anew: \(error)")
      }
    }
  }

  private func follow(_ family: IPAddress.Family, _ rules: PolicyRules, _ cutter: FlowCutter) async throws {
    let subscription = feed.subscribe()
    var plan = PolicyPlan(configuration.plan(family))
    var kernel = PolicyKernel(rules: rules, connection: try NFTConnection(in: configuration.namespace))
    while let update = await subscription.next() {
      let hasChanged = try synchronize(update, &plan, &kernel)
      if hasChanged { cutter.judge(by: plan.isolatedCount == 0 ? nil : plan.judge, family) }
      inForce?.put(Self.part(family), update.snapshot)
    }
  }

  /// A flush of all rules, as a restarted firewall does, takes the table along, and no change of the cluster would tell:
  /// every pod would be open. Returns when its task is cancelled.
  private func watch(_ table: Table) async throws {
    let connection = try NFTConnection(in: configuration.namespace)
    var wasThere = false
    // Ends with the sleep that is cancelled.
    while (try? await Task.sleep(for: configuration.checkInterval)) != nil {
      let isThere = try connection.holds(table)
      if wasThere, !isThere { throw TableLoss(table: table) }
      wasThere = isThere
    }
  }

  /// - Returns: whether the rules are other ones than before.
  private func synchronize(
    _ update: ClusterUpdate, _ plan: inout PolicyPlan, _ kernel: inout PolicyKernel
  ) throws -> Bool {
    let start = ContinuousClock.now
    let delta = plan.update(update)
    let planned = ContinuousClock.now
    guard update.isFirst || !delta.isEmpty else { return false }
    try kernel.commit(delta)
    logger.log(
      level: update.isFirst ? .info : .debug, update.isFirst ? "policies are in force" : "policies changed",
      metadata: [
        "isolated": "\(plan.isolatedCount)", "elements": "\(delta.elementCount)", "profiles": "\(delta.profiles.count)",
        "planning": "\(planned - start)", "programming": "\(ContinuousClock.now - planned)",
      ])
    return true
  }
}

/// The policy table is gone, and none of ours took it away.
private struct TableLoss: Error, CustomStringConvertible {
  let table: Table

  var description: String { "somebody removed table \(table) with all policies" }
}
