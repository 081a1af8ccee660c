internal import LinuxKernel
internal import Netlink
internal import NetworkTypes

/// The kernel's side of announcing: addresses on links, frames, and the guard.
struct AddressKernel {
  private let routes: RouteSocket
  private let packets: PacketSocket
  private var guarding: AddressGuard
  private let leaseSeconds: UInt32
  private(set) var links = NodeLinks()
  /// What the kernel holds for us.
  private(set) var held: Set<Placed> = []

  /// An address and the interface it is on.
  struct Placed: Hashable {
    let address: IPAddress
    let link: UInt32
  }

  init(_ configuration: AddressAnnouncer.Configuration) throws {
    routes = try RouteSocket(in: configuration.namespace)
    packets = try PacketSocket(in: configuration.namespace)
    guarding = try AddressGuard(in: configuration.namespace)
    leaseSeconds = configuration.leaseSeconds
  }

  /// Reads links and addresses anew.
  mutating func refresh() throws(NetlinkError) {
    let leased = try routes.leasedAddresses()
    held = Set(leased.map { Placed(address: $0.address, link: $0.link) })
    links = NodeLinks(try routes.links(), try routes.addresses())
  }

  /// Holds these addresses, each on the link it belongs to, renewed, and no others. Returns those that are new where they
  /// are, and the last refusal by the kernel: what it does not concern is in force.
  mutating func hold(_ addresses: Set<IPAddress>) throws -> (new: [IPAddress], refusal: NetlinkError?) {
    let wanted = Set(
      addresses.compactMap { address in
        links.entry(for: address).map { Placed(address: address, link: $0.link) }
      })
    try guarding.apply(Set(wanted.map(\.address)))
    for placed in held.subtracting(wanted) { try release(placed) }
    let former = held
    held = []
    var refusal: NetlinkError?
    for placed in wanted {
      do {
        try routes.apply { $0.lease(lease(placed)) }
        held.insert(placed)
      } catch {
        refusal = error
      }
    }
    return (held.subtracting(former).map(\.address).sorted(), refusal)
  }

  private func lease(_ placed: Placed) -> LeasedAddress {
    LeasedAddress(placed.address, link: placed.link, seconds: leaseSeconds)
  }

  private func release(_ placed: Placed) throws(NetlinkError) {
    do {
      try routes.apply { $0.release(lease(placed)) }
    } catch {
      // EADDRNOTAVAIL: its time was over. ENODEV: it went with its interface.
      guard error.errno == 99 || error.errno == 19 else { throw error }
    }
  }

  /// Tells the link that the address is here.
  func announce(_ address: IPAddress) throws(KernelError) {
    guard let entry = links.entry(for: address) else { return }
    for frame in AddressFrame.announcements(of: address, at: entry.hardware) {
      try packets.send(frame, link: entry.link)
    }
  }
}
