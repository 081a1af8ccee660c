package import LinuxKernel
package import NetworkTypes

/// rtnetlink: what the kernel has of links, addresses, routes, neighbours and rules in one network namespace.
package final class RouteSocket: Sendable {
  private let socket: NetlinkSocket

  /// Opens a socket in `namespace`, or in the calling thread's where none is given.
  package init(in namespace: NetworkNamespace? = nil) throws {
    socket = try NetlinkSocket(.route, in: namespace)
  }

  /// Sends the changes; throws the first refusal with the description of the change.
  package func apply(_ batch: RouteBatch) throws(NetlinkError) {
    do {
      try socket.transact(batch.writer)
    } catch {
      guard let index = error.messageIndex else { throw error }
      throw error.whileDoing(batch.descriptions[index])
    }
  }

  package func apply(_ build: (inout RouteBatch) -> Void) throws(NetlinkError) {
    var batch = RouteBatch()
    build(&batch)
    try apply(batch)
  }

  // MARK: Links

  package func links() throws(NetlinkError) -> [Link] {
    try dump(RouteMessage.getLink) { $0.append([UInt8](repeating: 0, count: 16)) }.mapThrowing(Link.init)
  }

  /// The interface of that name, or `nil`.
  package func link(named name: String) throws(NetlinkError) -> Link? {
    try oneLink { writer in
      writer.append([UInt8](repeating: 0, count: 16))
      writer.string(RouteAttribute.Link.name, name)
    }
  }

  package func link(_ index: UInt32) throws(NetlinkError) -> Link? {
    try oneLink { writer in
      writer.u32(0)
      writer.u32(index)
      writer.u64(0)
    }
  }

  private func oneLink(_ body: (inout NetlinkWriter) -> Void) throws(NetlinkError) -> Link? {
    var writer = NetlinkWriter()
    writer.message(RouteMessage.getLink, [.request, .acknowledge], body)
    do {
      return try socket.request(writer).first.mapThrowing(Link.init)
    } catch {
      guard error.errno == 19 else { throw error }  // ENODEV
      return nil
    }
  }

  /// Whether an interface has a carrier and can send from now on; see ``Carrier``.
  package func hasCarrier(_ name: String) throws(NetlinkError) -> Bool {
    do { return try Carrier.isPresent(on: name, socket.descriptor) } catch { throw NetlinkError(error) }
  }

  /// The index of an interface that must be there.
  package func index(of name: String) throws(NetlinkError) -> UInt32 {
    guard let link = try link(named: name) else {
      throw NetlinkError(.refused(errno: 19), "there is no interface \(name)")
    }
    return link.index
  }

  // MARK: Addresses, routes, neighbours, rules

  package func addresses() throws(NetlinkError) -> [InterfaceAddress] {
    try dump(RouteMessage.getAddress) { $0.append([UInt8](repeating: 0, count: 8)) }
      .mapThrowing(InterfaceAddress.init).compactMap { $0 }
  }

  /// The addresses that were leased by us and are still there.
  package func leasedAddresses() throws(NetlinkError) -> [LeasedAddress] {
    try dump(RouteMessage.getAddress) { $0.append([UInt8](repeating: 0, count: 8)) }
      .mapThrowing(LeasedAddress.init).compactMap { $0 }
  }

  /// The routes of a family, of all tables or one, of all origins or one.
  package func routes(
    _ family: IPAddress.Family = .v4, table: UInt32? = nil, origin: Route.Origin? = nil
  ) throws(NetlinkError) -> [Route] {
    try dump(RouteMessage.getRoute) { writer in
      writer.u8(AddressFamily.number(family))
      writer.append([UInt8](repeating: 0, count: 4))
      writer.u8(origin?.rawValue ?? 0)
      writer.u16(0)
      writer.u32(0)
      if let table { writer.u32(RouteAttribute.Route.table, table) }
    }
    .mapThrowing(Route.init).compactMap { $0 }
    // Kernels without strict checking ignore the filters.
    .filter { (table == nil || $0.table == table) && (origin == nil || $0.origin == origin) }
  }

  /// The route the kernel would take to `destination`; `nil` where it has none.
  package func lookup(_ destination: IPAddress) throws(NetlinkError) -> Route? {
    var writer = NetlinkWriter()
    writer.message(RouteMessage.getRoute, [.request, .acknowledge]) { writer in
      writer.u8(AddressFamily.number(destination.family))
      writer.u8(UInt8(destination.family.bits))
      writer.append([UInt8](repeating: 0, count: 10))
      writer.attribute(RouteAttribute.Route.destination, destination)
    }
    do {
      return try socket.request(writer).first.mapThrowing(Route.init) ?? nil
    } catch {
      // ENETUNREACH, EHOSTUNREACH; EINVAL comes from a blackhole.
      guard let errno = error.errno, [101, 113, 22].contains(errno) else { throw error }
      return nil
    }
  }

  package func neighbours(_ family: IPAddress.Family = .v4) throws(NetlinkError) -> [Neighbour] {
    try dump(RouteMessage.getNeighbour) { writer in
      writer.u8(AddressFamily.number(family))
      writer.append([UInt8](repeating: 0, count: 11))
    }
    .mapThrowing(Neighbour.init).compactMap { $0 }
  }

  /// Where a VXLAN device sends the frames for each hardware address.
  package func forwardingEntries(of link: UInt32) throws(NetlinkError) -> [ForwardingEntry] {
    try dump(RouteMessage.getNeighbour) { writer in
      writer.u8(AddressFamily.bridge)
      writer.append([0, 0, 0])
      writer.u32(link)
      writer.u32(0)
    }
    .mapThrowing(ForwardingEntry.init).compactMap { $0 }
    // Kernels without strict checking ignore the filter.
    .filter { $0.link == link }
  }

  package func rules(_ family: IPAddress.Family = .v4) throws(NetlinkError) -> [RoutingRule] {
    try dump(RouteMessage.getRule) { writer in
      writer.u8(AddressFamily.number(family))
      writer.append([UInt8](repeating: 0, count: 11))
    }
    .mapThrowing(RoutingRule.init).compactMap { $0 }
  }

  private func dump(
    _ type: UInt16, _ body: (inout NetlinkWriter) -> Void
  ) throws(NetlinkError) -> [NetlinkMessage] {
    var writer = NetlinkWriter()
    writer.message(type, [.request, .dump], body)
    return try socket.request(writer)
  }
}

extension Array {
  func mapThrowing<Value>(_ transform: (Element) throws(NetlinkError) -> Value) throws(NetlinkError) -> [Value] {
    var result: [Value] = []
    result.reserveCapacity(count)
    for element in self { result.append(try transform(element)) }
    return result
  }
}

extension Optional {
  func mapThrowing<Value>(_ transform: (Wrapped) throws(NetlinkError) -> Value) throws(NetlinkError) -> Value? {
    guard let self else { return nil }
    return try transform(self)
  }
}
