internal import Logging
internal import NFTables
internal import Netlink
internal import NetworkTypes
internal import RoutePlan

/// Puts a node's plan into its kernel: tunnels, then the routes, some of which lead through them, then masquerading.
/// What the kernel refuses is logged and tried again; the rest is in force all the same.
struct NodeProgrammer: Sendable {
  private let host: HostNetwork
  private let logger: Logger
  private let families: Set<IPAddress.Family>
  private var routes: RouteProgrammer
  private var tunnels: TunnelProgrammer
  private var masquerade: MasqueradeTable
  private var sourceCheck: SourceCheckTable
  /// Whether the network configuration has been written.
  var conflistIsWritten = false

  init(_ configuration: PodNetworkConfiguration, _ host: HostNetwork, logger: Logger) throws {
    self.host = host
    self.logger = logger
    families = configuration.families
    routes = RouteProgrammer(host.routes)
    tunnels = TunnelProgrammer(host, node: configuration.plan.nodeName)
    masquerade = MasqueradeTable(try NFTConnection(in: host.namespace))
    sourceCheck = SourceCheckTable(try NFTConnection(in: host.namespace))
  }

  /// Puts a change in force.
  mutating func apply(_ change: RouteChange, _ plan: RoutePlan, _ uplinks: Uplinks) {
    if !change.isEmpty {
      putDevices(plan, uplinks, repairing: false)
      routes.apply(change, plan: plan)
      report(routes.refused)
    }
    putMasquerade(plan)
  }

  /// Compares with what the kernel has and mends what differs.
  mutating func repair(_ plan: RoutePlan, _ uplinks: Uplinks) {
    putDevices(plan, uplinks, repairing: true)
    do {
      let mended = try routes.repair(plan)
      if mended > 0 { logger.info("routes put in place", metadata: ["count": "\(mended)"]) }
      report(routes.refused)
    } catch {
      logger.error("cannot list the node's routes", metadata: ["error": "\(error)"])
    }
    putMasquerade(plan)
    putSourceCheck()
  }

  private mutating func putDevices(_ plan: RoutePlan, _ uplinks: Uplinks, repairing: Bool) {
    routes.devices.uplinks = uplinks.interfaces.mapValues(\.index)
    do {
      routes.devices.tunnels = try tunnels.apply(
        plan.tunnels, mtus: uplinks.interfaces.mapValues(\.mtu), repairing: repairing)
    } catch {
      routes.devices.tunnels = [:]
      logger.error(
        "cannot make the tunnel to nodes on other links; their pods cannot be reached from here",
        metadata: ["error": "\(error)"])
    }
  }

  private mutating func putMasquerade(_ plan: RoutePlan) {
    do {
      try masquerade.apply(plan.masquerade)
    } catch {
      logger.error(
        "cannot program masquerading; pods cannot reach what is outside the cluster", metadata: ["error": "\(error)"])
    }
  }

  private mutating func putSourceCheck() {
    do {
      try sourceCheck.apply(families)
    } catch {
      logger.error(
        "cannot check where packets come from; pods may send with others' addresses",
        metadata: [
          "error": "\(error)", "remedy": "load the modules nft_fib_ipv4 and nft_fib_ipv6, or boot a kernel that has it",
        ])
    }
  }

  private func report(_ refused: [CIDR: String]) {
    for (destination, reason) in refused {
      logger.error(
        "a route was refused; its pods cannot be reached from here",
        metadata: [
          "destination": "\(destination)", "error": "\(reason)",
          "remedy": "is the node's InternalIP on an interface that is up, and has the node a way to the others'?",
        ])
    }
  }
}
