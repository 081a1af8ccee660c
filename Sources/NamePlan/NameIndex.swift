package import ClusterModel
import HashTreeCollections
import KubernetesAPI
import NetworkTypes

/// Every name of a cluster. A value: a reader keeps the one it has, and a later one shares all that is equal.
///
/// The names follow the Kubernetes DNS specification 1.1.0, with CoreDNS' extensions that programs rely on: names of
/// pods by address, names of endpoints of every Service, and SRV at a Service's own name.
package struct NameIndex: Sendable {
  package let configuration: NameConfiguration
  let zoneLabelCount: Int
  /// By the hash of ``ServiceNames/key``.
  private var services: TreeDictionary<UInt64, ServiceNames> = [:]
  /// Services whose hash another one took first.
  private var overflow: TreeDictionary<ObjectName, ServiceNames> = [:]
  private var reverse: TreeDictionary<IPAddress, Pointing> = [:]
  private var namespaces: TreeSet<String> = []
  private var serviceBlocks: [CIDR] = []
  /// Counts the changes; the zone's serial number.
  package private(set) var serial: UInt32 = 1
  /// For tests: a hash of few bits brings collisions about.
  private let hashMask: UInt64

  package init(_ configuration: NameConfiguration = NameConfiguration(), hashMask: UInt64 = .max) {
    self.configuration = configuration
    self.hashMask = hashMask
    zoneLabelCount = configuration.zone.labels.count
  }

  /// Takes in what changed, and nothing else.
  package mutating func apply(_ change: ClusterChange, of snapshot: ClusterSnapshot) {
    for name in change.namespaces {
      if snapshot.namespaces[name] == nil { namespaces.remove(name) } else { namespaces.insert(name) }
    }
    for name in change.services { update(name, of: snapshot) }
    if !change.serviceRanges.isEmpty { serviceBlocks = snapshot.serviceBlocks(startingWith: []) }
    if !change.services.isEmpty || !change.namespaces.isEmpty { serial &+= 1 }
  }

  package var serviceCount: Int { services.count + overflow.count }

  /// Whether addresses of a block can be of this cluster only.
  func isLocal(_ block: CIDR) -> Bool {
    (configuration.localBlocks + serviceBlocks).contains { $0.contains(block) }
  }

  func hasNamespace(_ name: String) -> Bool { namespaces.contains(name) }

  func services(at address: IPAddress) -> [ServiceNames] { reverse[address]?.services ?? [] }

  /// The Service whose labels and its namespace's these bytes are: wire form, lower case, without what follows.
  package func service(wire key: UnsafeBufferPointer<UInt8>) -> ServiceNames? {
    if let found = services[Self.hash(key) & hashMask], found.hasKey(key) { return found }
    return overflow.isEmpty ? nil : overflow.values.first { $0.hasKey(key) }
  }

  private mutating func update(_ name: ObjectName, of snapshot: ClusterSnapshot) {
    guard let key = DNSName(labels: [name.name, name.namespace])?.wire.dropLast() else { return }
    let wire = Array(key)
    let slot = wire.withUnsafeBufferPointer { Self.hash($0) } & hashMask
    let isOverflow = overflow[name] != nil || services[slot].map { $0.name != name } ?? false
    let old = isOverflow ? overflow[name] : services[slot]
    let new = snapshot.services[name].map {
      ServiceNames($0, slices: snapshot.endpointSlices(of: name), key: wire, ttl: configuration.ttl)
    }
    if isOverflow { overflow[name] = new } else { services[slot] = new }
    let addresses = new?.pointedAddresses ?? []
    for address in (old?.pointedAddresses ?? []).union(addresses) {
      var pointing = services(at: address)
      pointing.removeAll { $0.name == name }
      if let new, addresses.contains(address) { pointing.append(new) }
      reverse[address] = Pointing(pointing)
    }
  }

  /// FNV-1a with 64 bits. The table holds only names the API admitted, so nobody outside chooses the keys.
  private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return hash
  }
}

/// The Services an address belongs to: nearly always one, which then takes no room of its own.
private enum Pointing: Sendable {
  case one(ServiceNames)
  case several([ServiceNames])

  /// `nil` for none.
  init?(_ services: [ServiceNames]) {
    guard let first = services.first else { return nil }
    self = services.count == 1 ? .one(first) : .several(services)
  }

  var services: [ServiceNames] {
    switch self {
    case .one(let service): [service]
    case .several(let services): services
    }
  }
}

extension ServiceNames {
  fileprivate func hasKey(_ other: UnsafeBufferPointer<UInt8>) -> Bool {
    key.count == other.count && key.withUnsafeBufferPointer { $0.elementsEqual(other) }
  }
}
