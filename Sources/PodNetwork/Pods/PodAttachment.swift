package import LinuxKernel
package import Netlink
package import NetworkTypes

/// Makes, inspects and removes one pod's link. All of it is kernel state; nothing is remembered here.
package struct PodAttachment: Sendable {
  package let host: HostNetwork
  package let link: PodLink

  package init(host: HostNetwork, link: PodLink) {
    self.host = host
    self.link = link
  }

  /// What a new link is to have.
  package struct Settings: Sendable {
    package var addresses: [IPAddress]
    package var mtu: UInt32
    /// Source addresses of the node's own packets to the pod, at most one a family; the node holds them.
    package var sources: [IPAddress]
  }

  // MARK: ADD

  /// Makes the pair and everything on both ends. On failure nothing of it is left.
  package func create(in pod: NetworkNamespace, _ settings: Settings) throws -> CNIResult {
    let podAddress = PodLink.podAddress(for: settings.addresses[0])
    try host.routes.apply {
      $0.createVeth(
        .init(name: link.hostName, mtu: settings.mtu, address: PodLink.hostAddress),
        peer: .init(
          name: link.interfaceName, mtu: settings.mtu, address: podAddress, namespace: pod.descriptor.rawValue))
    }
    do {
      let inside = try RouteSocket(in: pod)
      if settings.addresses.contains(where: { $0.family == .v6 }) {
        try pod.run { try LinkSettings.apply(to: link.interfaceName, LinkSettings.podInterface) }
      }
      try configurePod(inside, settings.addresses)
      try configureHost(settings, podAddress)
      // The pod's end came up before its peer. Until that is settled it would drop what the pod sends first.
      guard try inside.hasCarrier(link.interfaceName), try host.routes.hasCarrier(link.hostName) else {
        throw CNIError(.kernel, "the link \(link.hostName) - \(link.interfaceName) got no carrier")
      }
    } catch {
      // The pair goes as a whole; should even that fail, the first error says more.
      try? host.routes.apply { $0.deleteLink(named: link.hostName) }
      throw error
    }
    return result(namespacePath: pod.description, addresses: settings.addresses)
  }

  private func configurePod(_ routes: RouteSocket, _ addresses: [IPAddress]) throws {
    let index = try routes.index(of: link.interfaceName)
    try routes.apply { batch in
      batch.setUp(1)  // The loopback is always the first interface of a namespace.
      batch.setUp(index)
      for address in addresses {
        batch.add(InterfaceAddress(address, link: index))
        let gateway = PodLink.gateway(address.family)
        batch.replace(Neighbour(gateway, at: PodLink.hostAddress, link: index))
        var route = Route(
          to: CIDR(IPAddress(family: address.family, value: 0), prefixLength: 0)!, via: gateway, link: index)
        route.gatewayIsOnLink = true
        route.origin = .static
        batch.replace(route)
      }
    }
  }

  private func configureHost(_ settings: Settings, _ podAddress: MACAddress) throws {
    let index = try host.routes.index(of: link.hostName)
    try host.run {
      // Strict, unless the setting for all interfaces is a looser one: see SourceCheckTable.
      try Sysctl.set("net/ipv4/conf/\(link.hostName)/rp_filter", to: "1")
      try LinkSettings.apply(to: link.hostName, LinkSettings.routedLink)
      // A pod that reaches itself through its Service leaves by the interface it came from; that is no detour.
      try Sysctl.set("net/ipv4/conf/\(link.hostName)/send_redirects", to: "0")
    }
    try host.routes.apply { batch in
      batch.setAlias(index, link.alias)
      batch.setUp(index)
      for address in settings.addresses {
        batch.replace(Neighbour(address, at: podAddress, link: index))
        batch.add(Self.route(to: address, link: index, sources: settings.sources))
      }
    }
  }

  /// The host route that is the lease.
  package static func route(to address: IPAddress, link: UInt32, sources: [IPAddress]) -> Route {
    var route = Route(to: CIDR(host: address), link: link)
    // Named, or the kernel might choose an address that the loopback holds for Services.
    route.source = sources.first { $0.family == address.family }
    return route
  }

  private func result(namespacePath: String, addresses: [IPAddress]) -> CNIResult {
    CNIResult(
      hostInterface: link.hostName, hostAddress: "\(PodLink.hostAddress)", interface: link.interfaceName,
      interfaceAddress: "\(PodLink.podAddress(for: addresses[0]))", namespacePath: namespacePath,
      addresses: addresses)
  }

  // MARK: CHECK and repeated ADD

  /// The result of an earlier ADD that is whole still; `nil` where there is no link of ours.
  /// - Throws: ``CNIError`` with code `mismatch` where the link is there but not as ADD left it.
  package func existing(in pod: NetworkNamespace) throws -> CNIResult? {
    guard let hostLink = try host.routes.link(named: link.hostName) else { return nil }
    guard hostLink.alias == link.alias else {
      throw CNIError(.mismatch, "interface \(link.hostName) belongs to '\(hostLink.alias)'")
    }
    let addresses = try leasedAddresses(of: hostLink.index)
    guard !addresses.isEmpty, hostLink.isUp else {
      throw CNIError(.mismatch, "interface \(link.hostName) has no route to its pod")
    }
    let routes = try RouteSocket(in: pod)
    guard let podLink = try routes.link(named: link.interfaceName), podLink.index == hostLink.peerIndex else {
      throw CNIError(.mismatch, "the other end of \(link.hostName) is not \(link.interfaceName) of \(pod)")
    }
    let held = Set(try routes.addresses().filter { $0.link == podLink.index }.map(\.address))
    guard podLink.isUp, held.isSuperset(of: addresses) else {
      throw CNIError(
        .mismatch,
        "\(link.interfaceName) of \(pod) lacks address \(addresses.map(\.description).joined(separator: ", "))")
    }
    for address in addresses {
      let gateway = PodLink.gateway(address.family)
      let isThere = try routes.routes(address.family).contains {
        $0.destination.prefixLength == 0 && $0.gateway == gateway && $0.link == podLink.index
      }
      guard isThere else { throw CNIError(.mismatch, "\(pod) has no default route by \(gateway)") }
    }
    return result(namespacePath: pod.description, addresses: addresses)
  }

  private func leasedAddresses(of index: UInt32) throws(NetlinkError) -> [IPAddress] {
    var addresses: [IPAddress] = []
    for family in IPAddress.Family.allCases {
      addresses += try host.routes.routes(family, origin: .switchboard)
        .filter { $0.link == index && $0.destination.prefixLength == family.bits }.map(\.destination.base)
    }
    return addresses
  }

  // MARK: DEL

  /// Removes the pair, whichever half of it is left, and returns the addresses it had. Nothing there is success.
  package func remove() throws(NetlinkError) -> [IPAddress] {
    guard let hostLink = try host.routes.link(named: link.hostName) else { return [] }
    let addresses = try leasedAddresses(of: hostLink.index)
    do {
      try host.routes.apply { $0.deleteLink(hostLink.index) }
    } catch {
      // The namespace, and the pair with it, may have gone in between: ENODEV.
      guard error.errno == 19 else { throw error }
    }
    return addresses
  }
}

extension HostNetwork {
  /// All addresses in use, from the host routes and the links' aliases.
  package func leases() throws(NetlinkError) -> [Lease] {
    var links: [UInt32: (name: String, pod: PodLink)] = [:]
    for link in try routes.links() {
      if let pod = PodLink(alias: link.alias), link.name == pod.hostName { links[link.index] = (link.name, pod) }
    }
    var leases: [Lease] = []
    for family in IPAddress.Family.allCases {
      for route in try routes.routes(family, origin: .switchboard) where route.destination.prefixLength == family.bits {
        guard let index = route.link, let link = links[index] else { continue }
        leases.append(Lease(address: route.destination.base, interface: link.name, pod: link.pod))
      }
    }
    return leases
  }

  /// Every host route of ours: a free address has none.
  package func routedAddresses(_ family: IPAddress.Family) throws(NetlinkError) -> Set<IPAddress> {
    Set(
      try routes.routes(family, origin: .switchboard).filter { $0.destination.prefixLength == family.bits }
        .map(\.destination.base))
  }
}
