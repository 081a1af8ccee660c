package import LinuxKernel
package import NetworkTypes

/// Changes to links, addresses, routes and neighbours that go to the kernel in one send, in order.
///
/// The kernel takes them one by one: when one is refused, those before and after it are in force.
package struct RouteBatch: Sendable {
  private(set) var writer = NetlinkWriter()
  private(set) var descriptions: [String] = []

  package init() {}

  package var isEmpty: Bool { writer.isEmpty }
  package var count: Int { writer.messageCount }
  /// The bytes, for tests of the wire format.
  package var bytes: [UInt8] { writer.bytes }

  mutating func add(
    _ type: UInt16, _ flags: NetlinkFlags, _ description: @autoclosure () -> String,
    _ body: (inout NetlinkWriter) -> Void
  ) {
    writer.message(type, flags.union([.request, .acknowledge]), body)
    descriptions.append(description())
  }

  // MARK: Links

  /// How one end of a veth pair is to look.
  package struct VethEnd: Sendable {
    package var name: String
    package var mtu: UInt32?
    package var address: MACAddress?
    /// Descriptor of the namespace to be made in; `nil`: the socket's.
    package var namespace: Int32?

    package init(
      name: String, mtu: UInt32? = nil, address: MACAddress? = nil, namespace: Int32? = nil
    ) {
      self.name = name
      self.mtu = mtu
      self.address = address
      self.namespace = namespace
    }

    fileprivate func write(to writer: inout NetlinkWriter) {
      RouteBatch.linkHeader(&writer)
      writer.string(RouteAttribute.Link.name, name)
      if let mtu { writer.u32(RouteAttribute.Link.mtu, mtu) }
      if let address { writer.attribute(RouteAttribute.Link.address, address.bytes) }
      if let namespace { writer.u32(RouteAttribute.Link.namespaceDescriptor, UInt32(bitPattern: namespace)) }
    }
  }

  /// A veth pair, each end made in its namespace from the start: nothing is ever visible elsewhere.
  package mutating func createVeth(_ one: VethEnd, peer: VethEnd) {
    add(RouteMessage.newLink, [.create, .exclusive], "create veth pair \(one.name) - \(peer.name)") { writer in
      one.write(to: &writer)
      writer.nested(RouteAttribute.Link.information) { writer in
        writer.string(RouteAttribute.LinkInformation.kind, "veth")
        writer.nested(RouteAttribute.LinkInformation.data) { writer in
          writer.nested(RouteAttribute.LinkInformation.vethPeer) { peer.write(to: &$0) }
        }
      }
    }
  }

  /// A device without settings of its own: `bridge`, `dummy`.
  package mutating func createLink(_ name: String, kind: String, mtu: UInt32? = nil) {
    add(RouteMessage.newLink, [.create, .exclusive], "create \(kind) \(name)") { writer in
      Self.linkHeader(&writer)
      writer.string(RouteAttribute.Link.name, name)
      if let mtu { writer.u32(RouteAttribute.Link.mtu, mtu) }
      writer.nested(RouteAttribute.Link.information) { $0.string(RouteAttribute.LinkInformation.kind, kind) }
    }
  }

  package mutating func setUp(_ link: UInt32, _ isUp: Bool = true) {
    add(RouteMessage.setLink, [], "set interface \(link) \(isUp ? "up" : "down")") { writer in
      Self.linkHeader(&writer, index: link, flags: isUp ? InterfaceFlag.up : 0, change: InterfaceFlag.up)
    }
  }

  package mutating func setMTU(_ link: UInt32, _ mtu: UInt32) {
    setLink(link, "MTU \(mtu) of interface \(link)") { $0.u32(RouteAttribute.Link.mtu, mtu) }
  }

  /// An alias cannot be given when a link is made: the kernel ignores it there.
  package mutating func setAlias(_ link: UInt32, _ alias: String) {
    setLink(link, "alias of interface \(link)") { $0.string(RouteAttribute.Link.alias, alias) }
  }

  package mutating func rename(_ link: UInt32, to name: String) {
    setLink(link, "rename interface \(link) to \(name)") { $0.string(RouteAttribute.Link.name, name) }
  }

  /// Puts an interface under a bridge; 0 takes it out.
  package mutating func setMaster(_ link: UInt32, _ master: UInt32) {
    setLink(link, "put interface \(link) under \(master)") { $0.u32(RouteAttribute.Link.master, master) }
  }

  package mutating func move(_ link: UInt32, to namespace: NetworkNamespace) {
    setLink(link, "move interface \(link) to \(namespace)") {
      $0.u32(RouteAttribute.Link.namespaceDescriptor, UInt32(bitPattern: namespace.descriptor.rawValue))
    }
  }

  private mutating func setLink(
    _ link: UInt32, _ description: @autoclosure () -> String, _ body: (inout NetlinkWriter) -> Void
  ) {
    add(RouteMessage.setLink, [], description()) { writer in
      Self.linkHeader(&writer, index: link)
      body(&writer)
    }
  }

  package mutating func deleteLink(_ link: UInt32) {
    add(RouteMessage.deleteLink, [], "delete interface \(link)") { Self.linkHeader(&$0, index: link) }
  }

  package mutating func deleteLink(named name: String) {
    add(RouteMessage.deleteLink, [], "delete interface \(name)") { writer in
      Self.linkHeader(&writer)
      writer.string(RouteAttribute.Link.name, name)
    }
  }

  /// struct ifinfomsg.
  static func linkHeader(
    _ writer: inout NetlinkWriter, index: UInt32 = 0, flags: UInt32 = 0, change: UInt32 = 0
  ) {
    writer.u32(0)
    writer.u32(index)
    writer.u32(flags)
    writer.u32(change)
  }

  // MARK: Addresses, routes, neighbours, rules

  /// EEXIST where the interface has the address already, unless `replacing`.
  package mutating func add(_ address: InterfaceAddress, replacing: Bool = false) {
    add(
      RouteMessage.newAddress, replacing ? [.create, .replace] : [.create, .exclusive],
      "add address \(address.address)/\(address.prefixLength)", address.write)
  }

  package mutating func delete(_ address: InterfaceAddress) {
    add(
      RouteMessage.deleteAddress, [], "delete address \(address.address)/\(address.prefixLength)", address.write)
  }

  /// Puts it there, or renews it.
  package mutating func lease(_ address: LeasedAddress) {
    add(RouteMessage.newAddress, [.create, .replace], "lease address \(address.address)", address.write)
  }

  /// EADDRNOTAVAIL where it is not there (any more).
  package mutating func release(_ address: LeasedAddress) {
    add(RouteMessage.deleteAddress, [], "release address \(address.address)", address.write)
  }

  /// EEXIST where a route with the same destination, table and priority is there.
  package mutating func add(_ route: Route) {
    add(RouteMessage.newRoute, [.create, .exclusive], "add route \(route.destination)", route.write)
  }

  package mutating func replace(_ route: Route) {
    add(RouteMessage.newRoute, [.create, .replace], "replace route \(route.destination)", route.write)
  }

  /// ESRCH where there is none.
  package mutating func delete(_ route: Route) {
    add(RouteMessage.deleteRoute, [], "delete route \(route.destination)", route.write)
  }

  package mutating func replace(_ neighbour: Neighbour) {
    add(
      RouteMessage.newNeighbour, [.create, .replace], "set neighbour \(neighbour.address)", neighbour.write)
  }

  package mutating func delete(_ neighbour: Neighbour) {
    add(RouteMessage.deleteNeighbour, [], "delete neighbour \(neighbour.address)", neighbour.write)
  }

  package mutating func add(_ rule: RoutingRule) {
    add(RouteMessage.newRule, [.create, .exclusive], "add rule \(rule.priority)", rule.write)
  }

  package mutating func delete(_ rule: RoutingRule) {
    add(RouteMessage.deleteRule, [], "delete rule \(rule.priority)", rule.write)
  }
}
