package import Netlink
package import NetworkTypes
package import RoutePlan

/// Keeps the kernel's routes as planned. Only routes of our own origin are ever touched; those of pods' links belong
/// to the attachments.
package struct RouteProgrammer: Sendable {
  /// Interfaces that routes name beside those of their gateways.
  package struct Devices: Hashable, Sendable {
    /// By the family of what they carry.
    package var tunnels: [IPAddress.Family: UInt32] = [:]
    /// Those that hold the node's address.
    package var uplinks: [IPAddress.Family: UInt32] = [:]

    package init() {}
  }

  private let routes: RouteSocket
  /// To be set before routes that need them are put.
  package var devices = Devices()
  /// Destinations whose route the kernel refused, with its words. Tried again with every change and repair.
  package private(set) var refused: [CIDR: String] = [:]

  package init(_ routes: RouteSocket) { self.routes = routes }

  /// Puts in force what the plan has for the destinations of a change.
  package mutating func apply(_ change: RouteChange, plan: RoutePlan) {
    let retried = refused.keys.compactMap { plan.routes[$0] }
    for destination in change.removed where plan.routes[destination] == nil { remove(destination) }
    // A batch goes to the kernel in one call; only when it refuses something do we go one by one.
    let wanted = Set(change.replaced.compactMap { plan.routes[$0.destination] }).union(retried)
    refused = [:]
    var batch = RouteBatch()
    let routes = wanted.compactMap(kernelRoute)
    for route in routes { batch.replace(route) }
    do {
      guard routes.count == wanted.count else { throw NetlinkError(.incomplete, "routes without an interface") }
      try self.routes.apply(batch)
    } catch {
      for route in wanted { put(route) }
    }
  }

  /// Compares with what the kernel has, mends what differs and returns how many routes that were.
  package mutating func repair(_ plan: RoutePlan) throws(NetlinkError) -> Int {
    let podLinks = Set(
      try routes.links().filter { PodLink(alias: $0.alias)?.hostName == $0.name }.map(\.index))
    var missing = plan.routes
    var mended = 0
    for family in IPAddress.Family.allCases {
      for present in try routes.routes(family, origin: .switchboard) {
        if let link = present.link, podLinks.contains(link) { continue }
        if let planned = plan.routes[present.destination] {
          if isSame(present, planned) { missing[present.destination] = nil }
        } else {
          remove(present.destination)
          mended += 1
        }
      }
    }
    for destination in refused.keys where missing[destination] == nil { refused[destination] = nil }
    for route in missing.values { put(route) }
    return mended + missing.count
  }

  private mutating func put(_ planned: PlannedRoute) {
    guard let route = kernelRoute(planned) else {
      refused[planned.destination] =
        "no interface has the address \(planned.source.map { "\($0)" } ?? "it is to leave by")"
      return
    }
    do {
      try routes.apply { $0.replace(route) }
      refused[planned.destination] = nil
    } catch {
      refused[planned.destination] = error.message
    }
  }

  private mutating func remove(_ destination: CIDR) {
    refused[destination] = nil
    // Routes may go with an interface; one that is gone already is what we want. Kinds differ, so both are tried.
    for route in [Route(to: destination), .blackhole(destination)] {
      try? routes.apply { $0.delete(route) }
    }
  }

  /// `nil` where the interface it is to leave by is not there.
  func kernelRoute(_ planned: PlannedRoute) -> Route? {
    let destination = planned.destination
    var route: Route
    switch planned.target {
    case .node(_, let address): route = Route(to: destination, via: address)
    case .tunnel:
      guard let device = devices.tunnels[destination.family] else { return nil }
      route = Route(to: destination, via: destination.base, link: device)
      route.gatewayIsOnLink = true
    case .services:
      // Of IPv4 it may be the loopback. To IPv6 a route to anything by the loopback is one to nowhere: there the link to
      // the other nodes stands for it, on which nothing arrives, since what no Service has is refused before.
      guard let device = destination.family == .v4 ? 1 : devices.uplinks[.v6] else { return nil }
      route = Route(to: destination, link: device)
    case .unassigned: route = .blackhole(destination)
    }
    route.source = planned.source
    route.mtu = planned.mtu
    return route
  }

  private func isSame(_ present: Route, _ planned: PlannedRoute) -> Bool {
    guard let wanted = kernelRoute(planned) else { return false }
    return present.kind == wanted.kind && present.gateway == wanted.gateway && present.source == wanted.source
      && (wanted.link == nil || present.link == wanted.link) && present.mtu == wanted.mtu
  }
}
