package import ClusterModel
package import LinuxKernel
package import Logging
internal import NFTables
internal import Netlink
internal import NetworkTypes
internal import RoutePlan
internal import ServiceLifecycle
internal import Synchronization

/// The pod network of one node: serves the CNI plugin, keeps routes and masquerading as the cluster wants them.
///
/// All that matters is in the kernel. A process that is killed takes nothing along; its successor reads what is there.
package final class PodNetwork: Service {
  private let configuration: PodNetworkConfiguration
  private let feed: ClusterFeed
  private let host: HostNetwork
  let handler: CNIHandler
  private let listener: UnixListener
  private let logger: Logger
  private let programmed: Mutex<Programmed>
  private let readiness = Readiness()

  /// The drivers with what they have put in force.
  private struct Programmed {
    var routes: RouteProgrammer
    var masquerade: MasqueradeTable
    var conflistIsWritten = false
  }

  /// - Parameters:
  ///   - listener: a socket that listens for the CNI plugin already; `nil` opens one at the configured path.
  ///   - namespace: the network namespace to work in; `nil`: the process's own.
  package init(
    _ configuration: PodNetworkConfiguration, feed: ClusterFeed, listener: UnixListener? = nil,
    namespace: NetworkNamespace? = nil, logger: Logger
  ) throws {
    self.configuration = configuration
    self.feed = feed
    self.logger = logger
    host = try HostNetwork(namespace: namespace)
    do {
      if let listener {
        self.listener = listener
      } else {
        let folder = configuration.socketPath.split(separator: "/").dropLast().joined(separator: "/")
        try KernelFile.makeFolder("/" + folder)
        self.listener = try UnixListener(path: configuration.socketPath)
      }
    } catch {
      throw PodNetworkError(
        .listening, "cannot listen for the CNI plugin at \(configuration.socketPath)", cause: error)
    }
    var state = NodeState(
      plan: RoutePlan(configuration.plan), pool: AddressPool(rest: configuration.addressRest),
      mtu: configuration.mtu ?? Self.usualMTU)
    state.mtu = configuration.mtu ?? Self.usualMTU
    handler = CNIHandler(host: host, state: state, logger: logger)
    programmed = Mutex(
      Programmed(
        routes: RouteProgrammer(host.routes),
        masquerade: MasqueradeTable(try NFTConnection(in: namespace))))
  }

  private static let usualMTU: UInt32 = 1500

  package func run() async throws {
    applySettings()
    try await cancelWhenGracefulShutdown {
      try await withThrowingTaskGroup { group in
        group.addTask { [self] in
          try await CNIServer(listener: listener, handler: handler, readiness: readiness, logger: logger).run()
        }
        group.addTask { await self.follow() }
        group.addTask { await self.keepRepairing() }
        try await group.next()
        group.cancelAll()
        try await group.waitForAll()
      }
    }
  }

  /// The addresses in use on this node, as the kernel has them.
  package func leases() throws -> [Lease] { try host.leases() }

  private func applySettings() {
    let failures = (try? host.run { NodeSettings.apply() }) ?? []
    for failure in failures {
      logger.error(
        "a kernel setting could not be set; pods may not reach each other",
        metadata: ["setting": "\(failure.name)", "error": "\(failure.error)"])
    }
  }

  // MARK: Following the cluster

  private func follow() async {
    let subscription = feed.subscribe()
    while let update = await subscription.next() {
      take(update)
    }
  }

  /// Takes one update in: routes and rules first, then addresses may be handed out.
  package func take(_ update: ClusterUpdate) {
    let (change, plan, addressesChanged) = handler.withState { state in
      let former = state.plan.nodeAddresses
      let change = state.plan.update(update.snapshot, nodes: update.change.nodes)
      state.named.update(update.snapshot, update.change)
      return (change, state.plan, former != state.plan.nodeAddresses)
    }
    if update.isFirst { adopt(plan) }
    if update.isFirst || addressesChanged { lookAtUplink(plan) }
    programmed.withLock { programmed in
      if update.isFirst {
        repair(&programmed, plan)
      } else if !change.isEmpty {
        programmed.routes.apply(change, plan: plan)
        report(programmed.routes.refused)
      }
      putMasquerade(&programmed, plan)
    }
    if update.isFirst { handler.withState { $0.isSynced = true } }
    if !plan.podCIDRs.isEmpty { readiness.open() }
    writeConflist(plan)
  }

  /// Goes on handing out addresses behind the last one that is in use.
  private func adopt(_ plan: RoutePlan) {
    do {
      let leases = try host.leases()
      handler.withState { state in
        for lease in leases { for block in plan.podCIDRs { state.pool.advance(in: block, past: lease.address) } }
      }
      if !leases.isEmpty { logger.info("found pods attached already", metadata: ["leases": "\(leases.count)"]) }
    } catch {
      logger.warning("cannot list the attached pods", metadata: ["error": "\(error)"])
    }
  }

  /// The node's address is the source in pods' routes, and the interface that holds it gives the MTU.
  private func lookAtUplink(_ plan: RoutePlan) {
    do {
      let held = try host.routes.addresses().filter { plan.nodeAddresses.contains($0.address) }
      let holders = Set(held.map(\.link))
      let mtu = try host.routes.links().filter { holders.contains($0.index) && !$0.isLoopback }.map(\.mtu).min()
      let present = Set(held.map(\.address))
      let sources = plan.nodeAddresses.filter { present.contains($0) }
      let isNew = handler.withState { state in
        state.mtu = configuration.mtu ?? mtu ?? state.mtu
        defer { state.sources = sources }
        return state.sources != sources
      }
      if isNew { try renewPodRoutes(sources) }
    } catch {
      logger.error("cannot renew the routes to pods", metadata: ["error": "\(error)"])
    }
  }

  private func renewPodRoutes(_ sources: [IPAddress]) throws {
    var batch = RouteBatch()
    for lease in try host.leases() {
      guard let link = try host.routes.link(named: lease.interface) else { continue }
      batch.replace(PodAttachment.route(to: lease.address, link: link.index, sources: sources))
    }
    try host.routes.apply(batch)
  }

  private func putMasquerade(_ programmed: inout Programmed, _ plan: RoutePlan) {
    do {
      try programmed.masquerade.apply(plan.masquerade)
    } catch {
      logger.error(
        "cannot program masquerading; pods cannot reach what is outside the cluster", metadata: ["error": "\(error)"])
    }
  }

  private func writeConflist(_ plan: RoutePlan) {
    guard let path = configuration.conflistPath, !plan.podCIDRs.isEmpty else { return }
    let isWritten = programmed.withLock { programmed in
      defer { programmed.conflistIsWritten = true }
      return programmed.conflistIsWritten
    }
    guard !isWritten else { return }
    do {
      try NetworkConflist(path: path, socketPath: configuration.socketPath).write()
      logger.info(
        "pods can be attached",
        metadata: ["blocks": "\(plan.podCIDRs.map(\.description).joined(separator: " "))", "conflist": "\(path)"])
    } catch {
      programmed.withLock { $0.conflistIsWritten = false }
      logger.error("cannot write the network configuration", metadata: ["path": "\(path)", "error": "\(error)"])
    }
  }

  // MARK: Repair

  private func keepRepairing() async {
    while !Task.isCancelled {
      guard (try? await Task.sleep(for: configuration.repairInterval)) != nil else { return }
      let (isSynced, plan) = handler.withState { ($0.isSynced, $0.plan) }
      guard isSynced else { continue }
      lookAtUplink(plan)
      programmed.withLock { programmed in
        repair(&programmed, plan)
        putMasquerade(&programmed, plan)
      }
      writeConflist(plan)
    }
  }

  private func repair(_ programmed: inout Programmed, _ plan: RoutePlan) {
    do {
      let mended = try programmed.routes.repair(plan)
      if mended > 0 { logger.info("routes put in place", metadata: ["count": "\(mended)"]) }
      report(programmed.routes.refused)
    } catch {
      logger.error("cannot list the node's routes", metadata: ["error": "\(error)"])
    }
  }

  private func report(_ refused: [CIDR: String]) {
    for (destination, reason) in refused {
      logger.error(
        "a route was refused; its pods cannot be reached from here",
        metadata: [
          "destination": "\(destination)", "error": "\(reason)",
          "remedy": "nodes must share a link: is the node's InternalIP on a network of this node?",
        ])
    }
  }
}
