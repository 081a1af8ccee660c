package import Netlink
package import NetworkTypes
package import RoutePlan

/// Keeps the kernel's routes as planned. Only routes of our own origin are ever touched; those of pods' links belong
/// to the attachments.
package struct RouteProgrammer: Sendable {
  private let routes: RouteSocket
  /// Destinations whose route the kernel refused, with its words. Tried again with every change and repair.
  package private(set) var refused: [CIDR: String] = [:]

  package init(_ routes: RouteSocket) { self.routes = routes }

  /// Puts a change in force.
  package mutating func apply(_ change: RouteChange, plan: RoutePlan) {
    let retried = refused.keys.compactMap { plan.routes[$0] }
    for destination in change.removed { remove(destination) }
    // A batch goes to the kernel in one call; only when it refuses something do we go one by one.
    let wanted = change.replaced.union(retried)
    refused = [:]
    var batch = RouteBatch()
    for route in wanted { batch.replace(Self.kernelRoute(route)) }
    do {
      try routes.apply(batch)
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
          if Self.isSame(present, planned) { missing[present.destination] = nil }
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

  private mutating func put(_ route: PlannedRoute) {
    do {
      try routes.apply { $0.replace(Self.kernelRoute(route)) }
      refused[route.destination] = nil
    } catch {
      refused[route.destination] = error.message
    }
  }

  private mutating func remove(_ destination: CIDR) {
    refused[destination] = nil
    // Routes may go with an interface; one that is gone already is what we want. Kinds differ, so both are tried.
    for route in [Route(to: destination), .blackhole(destination)] {
      try? routes.apply { $0.delete(route) }
    }
  }

  static func kernelRoute(_ planned: PlannedRoute) -> Route {
    var route: Route
    switch planned.target {
    case .node(_, let address): route = Route(to: planned.destination, via: address)
    case .services: route = Route(to: planned.destination, link: 1)  // The loopback.
    case .unassigned: route = .blackhole(planned.destination)
    }
    route.source = planned.source
    return route
  }

  private static func isSame(_ present: Route, _ planned: PlannedRoute) -> Bool {
    let wanted = kernelRoute(planned)
    return present.kind == wanted.kind && present.gateway == wanted.gateway && present.source == wanted.source
      && (wanted.link == nil || present.link == wanted.link)
  }
}
