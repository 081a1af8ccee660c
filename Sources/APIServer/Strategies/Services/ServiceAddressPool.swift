import NetworkTypes

/// The addresses of Services: the blocks they come from, and which are taken.
struct ServiceAddressPool: Sendable {
  /// Why an address cannot be had, in upstream's words.
  enum Refusal: Error, Sendable, CustomStringConvertible {
    case full
    case taken
    case inNoBlock
    case outside(IPAddress, CIDR)

    var description: String {
      switch self {
      case .full: "range is full"
      case .taken: "provided IP is already allocated"
      case .inNoBlock: "the provided network does not match the current range"
      case .outside(let address, let block):
        "the provided IP (\(address)) is not in the valid range. The range of valid IPs is \(block)"
      }
    }
  }

  /// Those of the range with this name are used up first.
  static let firstRange = "kubernetes"

  /// By the name of the range they belong to.
  private var ranges: [String: [ServiceBlock]] = [:]
  /// All blocks, each once, in the order in which they are used up.
  private(set) var blocks: [ServiceBlock] = []
  private var taken: [IPAddress.Family: AddressRuns] = [:]
  /// Those of the taken ones that are nobody's but an IPAddress object's.
  private var reserved: Set<IPAddress> = []
  /// Those that a Service has and for which somebody's object is there too.
  private var shared: Set<IPAddress> = []

  /// Sets a range's blocks; none where nothing more is to be taken from it.
  mutating func setRange(_ name: String, _ cidrs: [CIDR]) {
    ranges[name] = cidrs.isEmpty ? nil : cidrs.compactMap { ServiceBlock($0) }
    let names = ranges.keys.sorted { ($0 == Self.firstRange ? 0 : 1, $0) < ($1 == Self.firstRange ? 0 : 1, $1) }
    var seen: Set<ServiceBlock> = []
    blocks = names.flatMap { ranges[$0] ?? [] }.filter { seen.insert($0).inserted }
  }

  func isTaken(_ address: IPAddress) -> Bool { taken[address.family]?.contains(address.value) ?? false }

  /// Takes an address without asking where it lies; false where it is taken.
  @discardableResult
  mutating func mark(_ address: IPAddress) -> Bool { taken[address.family, default: .init()].insert(address.value) }

  mutating func release(_ address: IPAddress) {
    if shared.remove(address) != nil {
      // The object stands.
      reserved.insert(address)
    } else {
      taken[address.family]?.remove(address.value)
    }
  }

  /// Takes an address for an IPAddress object, wherever it lies; false where it is taken.
  mutating func reserve(_ address: IPAddress) -> Bool {
    guard mark(address) else { return false }
    reserved.insert(address)
    return true
  }

  /// Takes an address for an object that is there already; a Service that has it keeps it first.
  mutating func keep(_ address: IPAddress) { if !reserve(address) { shared.insert(address) } }

  /// The object is gone; an address that a Service has stays its own.
  mutating func endReservation(_ address: IPAddress) {
    if shared.remove(address) == nil, reserved.remove(address) != nil { release(address) }
  }

  /// Takes an address that somebody has asked for.
  mutating func take(_ address: IPAddress) throws(Refusal) {
    let around = blocks.filter { $0.cidr.contains(address) }
    guard let block = around.first else { throw .inNoBlock }
    guard around.contains(where: { $0.usable.contains(address.value) }) else { throw .outside(address, block.cidr) }
    guard mark(address) else { throw .taken }
  }

  /// Takes any free address: from the upper part of each block first.
  mutating func takeAny(
    _ family: IPAddress.Family, using generator: inout some RandomNumberGenerator
  ) throws(Refusal) -> IPAddress {
    let held = taken[family] ?? AddressRuns()
    for block in blocks where block.cidr.family == family {
      for range in [block.dynamic, block.fixed] {
        guard let range else { continue }
        let start = UInt128.random(in: range, using: &generator)
        guard let value = held.firstGap(in: range, from: start) else { continue }
        let address = IPAddress(family: family, value: value)
        mark(address)
        return address
      }
    }
    throw .full
  }
}
