package import LinuxKernel
package import Netlink
package import NetworkTypes

/// A way to the connection tracking of one network namespace.
package final class ConntrackConnection: Sendable {
  private let socket: NetlinkSocket

  /// Works in `namespace`, or in the calling thread's where none is given.
  package init(in namespace: NetworkNamespace? = nil) throws {
    socket = try NetlinkSocket(.netfilter, in: namespace)
  }

  /// All tracked connections of the protocol that were opened towards `destination`; without it, towards anything.
  package func flows(
    _ transport: TransportProtocol, _ family: IPAddress.Family, to destination: SocketEndpoint? = nil
  ) throws(NetlinkError) -> [ConntrackFlow] {
    try list(transport, family, to: destination) { attributes throws(NetlinkError) in
      guard let flow = ConntrackFlow(attributes, family) else { return nil }
      // Kernels before 5.8 know no filter and list everything; see also the fields.
      return flow.transport == transport && (destination == nil || flow.destination == destination) ? flow : nil
    }
  }

  /// All tracked connections of the protocol, with what the kernel knows of each.
  package func entries(
    _ transport: TransportProtocol, _ family: IPAddress.Family
  ) throws(NetlinkError) -> [ConntrackEntry] {
    try list(transport, family, to: nil) { attributes throws(NetlinkError) in
      try ConntrackEntry(attributes, family).flatMap { $0.flow.transport == transport ? $0 : nil }
    }
  }

  private func list<Item>(
    _ transport: TransportProtocol, _ family: IPAddress.Family, to destination: SocketEndpoint?,
    _ read: ([NetlinkAttribute]) throws(NetlinkError) -> Item?
  ) throws(NetlinkError) -> [Item] {
    var writer = NetlinkWriter()
    writer.conntrackMessage(ConntrackWire.getFlow, [.request, .dump], family) { writer in
      guard let destination else { return }
      writer.conntrackTuple(transport, from: nil, to: destination)
      writer.nested(ConntrackWire.filter) { writer in
        writer.u32(ConntrackWire.filterOriginal, ConntrackWire.destinationFields(family))
        writer.u32(ConntrackWire.filterReply, 0)
      }
    }
    var items: [Item] = []
    do {
      for answer in try socket.request(writer) {
        if let item = try read(try answer.attributes(after: 4)) { items.append(item) }
      }
    } catch {
      throw error.whileDoing("list \(transport.rawValue) connections")
    }
    return items
  }

  /// Makes the kernel forget connections. One that is gone already is no error. Returns how many went.
  @discardableResult
  package func delete(_ flows: [ConntrackFlow]) throws(NetlinkError) -> Int {
    var deleted = 0
    for flow in flows {
      var writer = NetlinkWriter()
      writer.conntrackMessage(
        ConntrackWire.deleteFlow, [.request, .acknowledge], flow.source.address.family
      ) { $0.conntrackTuple(flow.transport, from: flow.source, to: flow.destination) }
      do {
        try socket.transact(writer)
        deleted += 1
      } catch {
        guard error.errno == 2 else { throw error.whileDoing("forget \(flow)") }  // ENOENT
      }
    }
    return deleted
  }
}
