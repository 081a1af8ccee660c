import NetworkTypes

/// The addresses that Services of type LoadBalancer get theirs from: a pool for all namespaces, and pools of single
/// ones.
///
/// They are the data of the ConfigMap `load-balancer-pools` in `kube-system`: a key a namespace, or `default`, with
/// blocks and ranges divided by commas or line ends. Of what is wrong there the rest is used.
package struct AddressPools: Hashable, Sendable {
  static let configMapName = "load-balancer-pools"
  static let configMapNamespace = "kube-system"
  static let defaultKey = "default"

  /// More ranges than this, over all pools, are a slip, and each is compared with every other.
  static let mostRanges = 1000

  /// By key; the ranges of a pool are in the order they were written, and none overlaps another of any pool.
  private(set) var pools: [String: [AddressRange]] = [:]
  /// What is wrong, for people.
  private(set) var faults: [String] = []

  /// - Parameters:
  ///   - data: of the ConfigMap; empty where there is none.
  ///   - fallback: the default pool where the ConfigMap has none.
  init(_ data: [String: String] = [:], fallback: [AddressRange] = []) {
    var parts: [(key: String, ranges: [AddressRange])] = []
    // What is in two pools belongs to the namespace's: whoever writes it means to set it aside.
    for key in data.keys.sorted(by: { ($0 == Self.defaultKey ? 1 : 0, $0) < ($1 == Self.defaultKey ? 1 : 0, $1) }) {
      let (ranges, wrong) = Self.parse(data[key] ?? "")
      faults += wrong.map {
        "pool \(key): \"\($0)\" is neither a block such as 192.0.2.32/27 nor a range such as 192.0.2.32-192.0.2.63"
      }
      parts.append((key, ranges))
    }
    if data[Self.defaultKey] == nil, !fallback.isEmpty { parts.append((Self.defaultKey, fallback)) }
    var room = Self.mostRanges
    for (key, ranges) in parts {
      pools[key] = []
      for range in ranges.prefix(room) { add(range, to: key) }
      if ranges.count > room {
        faults.append(
          "pool \(key): of more than \(Self.mostRanges) ranges in all the rest is left out; write larger ones")
      }
      room -= min(room, ranges.count)
    }
  }

  /// The ranges in a text, and the words in it that are none.
  package static func parse(_ text: String) -> (ranges: [AddressRange], wrong: [String]) {
    var ranges: [AddressRange] = []
    var wrong: [String] = []
    for part in text.split(whereSeparator: { $0 == "," || $0.isNewline }) {
      let word = part.trimmed
      if word.isEmpty { continue }
      if let range = AddressRange(word) { ranges.append(range) } else { wrong.append(word) }
    }
    return (ranges, wrong)
  }

  private mutating func add(_ range: AddressRange, to key: String) {
    var rest = [range]
    for (other, ranges) in pools.sorted(by: { $0.key < $1.key }) {
      for taken in ranges where taken.overlaps(range) {
        faults.append("pool \(key): \(range) overlaps \(taken) of pool \(other); what both have is used there alone")
        rest = rest.flatMap { $0.subtracting(taken) }
      }
    }
    pools[key]?.append(contentsOf: rest)
  }

  var isEmpty: Bool { pools.values.allSatisfy(\.isEmpty) }

  /// The name and the ranges of the pool a namespace's Services get addresses from. `nil` where there is none.
  func pool(for namespace: String) -> (name: String, ranges: [AddressRange])? {
    // A namespace called `default` has the pool of all.
    for key in [namespace, Self.defaultKey] {
      if let ranges = pools[key] { return (key, ranges) }
    }
    return nil
  }

  /// Whether any pool has the address.
  func contains(_ address: IPAddress) -> Bool {
    pools.values.contains { $0.contains { $0.contains(address) } }
  }
}
