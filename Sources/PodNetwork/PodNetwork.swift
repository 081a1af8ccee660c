package import ClusterModel
internal import HashTreeCollections
package import LinuxKernel
package import Logging
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
  private let programmer: Mutex<NodeProgrammer>
  private let readiness = Readiness()
  private let admission: PodAdmission?

  /// - Parameters:
  ///   - listener: a socket that listens for the CNI plugin already; `nil` opens one at the configured path.
  ///   - namespace: the network namespace to work in; `nil`: the process's own.
  ///   - admission: holds a pod's start back that is not to begin yet.
  ///
  /// The feed is told of the addresses that are attached already, at once, and of each that comes or goes.
  package init(
    _ configuration: PodNetworkConfiguration, feed: ClusterFeed, listener: UnixListener? = nil,
    namespace: NetworkNamespace? = nil, admission: PodAdmission? = nil, logger: Logger
  ) throws {
    self.configuration = configuration
    self.admission = admission
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
    let state = NodeState(
      plan: RoutePlan(configuration.plan), pool: AddressPool(rest: configuration.addressRest),
      mtu: configuration.mtu ?? PodNetworkConfiguration.usualMTU)
    handler = CNIHandler(host: host, state: state, logger: logger, onAttachment: { feed.apply($0.events) })
    programmer = Mutex(try NodeProgrammer(configuration, host, logger: logger))
    for lease in try host.leases() {
      feed.apply(CNIHandler.AttachmentChange.attached(podUID: lease.pod.podUID, [lease.address]).events)
    }
  }

  package func run() async throws {
    applySettings()
    try await cancelWhenGracefulShutdown {
      try await withThrowingTaskGroup { group in
        group.addTask { [self] in
          try await CNIServer(
            listener: listener, handler: handler, readiness: readiness, admission: admission, logger: logger
          ).run()
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
    do {
      for failure in try host.run({ NodeSettings.apply(configuration.families, cutsFlows: configuration.cutsFlows) }) {
        logger.error(
          "a kernel setting could not be set; pods may not reach each other",
          metadata: ["setting": "\(failure.name)", "error": "\(failure.error)"])
      }
    } catch {
      logger.error("no kernel setting could be set; pods may not reach each other", metadata: ["error": "\(error)"])
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
    let named = update.change.nodes.flatMap { update.snapshot.nodes[$0]?.addresses ?? [] }
    let paths = paths(to: Set(named))
    let (change, plan, addressesChanged) = handler.withState { state in
      let former = state.plan.nodeAddresses
      let change = state.plan.update(update.snapshot, nodes: update.change.nodes, paths: paths)
      state.named.update(update.snapshot, update.change, in: state.plan.podCIDRs)
      return (change, state.plan, former != state.plan.nodeAddresses)
    }
    if update.isFirst { adopt(plan) }
    let looks = update.isFirst || addressesChanged || !change.isEmpty
    let uplinks = looks ? lookAtUplinks(plan) : Uplinks()
    programmer.withLock { programmer in
      // A repair may have changed the plan since.
      let plan = handler.withState { $0.plan }
      if update.isFirst { programmer.repair(plan, uplinks) } else { programmer.apply(change, plan, uplinks) }
    }
    if update.isFirst { handler.withState { $0.isSynced = true } }
    if !plan.podCIDRs.isEmpty { readiness.open() }
    writeConflist(plan)
  }

  private func paths(to addresses: Set<IPAddress>) -> [IPAddress: NodePath] {
    do {
      return try PathLookup.paths(to: addresses, host.routes)
    } catch {
      logger.error("cannot look up the ways to other nodes", metadata: ["error": "\(error)"])
      return [:]
    }
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

  /// The node's addresses are the sources in pods' routes, and the interfaces that hold them say how large a pod's
  /// packets may be.
  private func lookAtUplinks(_ plan: RoutePlan) -> Uplinks {
    do {
      let uplinks = try Uplinks(plan.nodeAddresses, host.routes)
      let tunnels = plan.tunnels
      let mtu = uplinks.interfaces.map { family, interface in
        tunnels[family] == nil ? interface.mtu : TunnelProgrammer.mtu(interface.mtu, family)
      }.min()
      let sources = plan.nodeAddresses.filter(uplinks.addresses.contains)
      let isNew = handler.withState { state in
        state.mtu = configuration.mtu ?? mtu ?? state.mtu
        defer { state.sources = sources }
        return state.sources != sources
      }
      if isNew { try renewPodRoutes(sources) }
      return uplinks
    } catch {
      logger.error("cannot renew the routes to pods", metadata: ["error": "\(error)"])
      return Uplinks()
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

  private func writeConflist(_ plan: RoutePlan) {
    guard let path = configuration.conflistPath, !plan.podCIDRs.isEmpty else { return }
    let isWritten = programmer.withLock { programmer in
      defer { programmer.conflistIsWritten = true }
      return programmer.conflistIsWritten
    }
    guard !isWritten else { return }
    do {
      try NetworkConflist(path: path, socketPath: configuration.socketPath).write()
      logger.info(
        "pods can be attached",
        metadata: ["blocks": "\(plan.podCIDRs.map(\.description).joined(separator: " "))", "conflist": "\(path)"])
    } catch {
      programmer.withLock { $0.conflistIsWritten = false }
      logger.error("cannot write the network configuration", metadata: ["path": "\(path)", "error": "\(error)"])
    }
  }

  // MARK: Repair

  private func keepRepairing() async {
    while !Task.isCancelled {
      guard (try? await Task.sleep(for: configuration.repairInterval)) != nil else { return }
      repair()
    }
  }

  /// Looks again at what others may have changed: the ways to other nodes, and what was put into the kernel.
  package func repair() {
    let (isSynced, peers) = handler.withState { ($0.isSynced, $0.plan.peerAddresses) }
    guard isSynced else { return }
    let paths = paths(to: peers)
    let plan = handler.withState { state in
      _ = state.plan.update(paths: paths)
      return state.plan
    }
    let uplinks = lookAtUplinks(plan)
    // The plan as it is by then: an update may have come in between.
    programmer.withLock { programmer in programmer.repair(handler.withState { $0.plan }, uplinks) }
    writeConflist(plan)
  }
}

extension CNIHandler.AttachmentChange {
  fileprivate var events: [ClusterEvent] {
    switch self {
    // Policies know pods by their UID.
    case .attached(let uid, let addresses): uid.isEmpty ? [] : addresses.map { .attached($0, podUID: uid) }
    case .detached(let uid, let addresses): addresses.map { .detached($0, podUID: uid) }
    }
  }
}
