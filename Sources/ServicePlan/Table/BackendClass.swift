/// How the kernel chooses among a Service port's endpoints: their number, and how long a client stays with its choice.
/// Each class has a chain of its own that draws a number below the count.
package struct BackendClass: Hashable, Sendable {
  /// The class's word has 15 bits for the count; endpoints beyond that many get no traffic.
  package static let maximumEndpoints = 0x7fff
  /// The longest affinity the API admits: one day.
  package static let maximumSeconds = 86_400

  package let endpointCount: Int
  /// 0 without affinity.
  package let affinitySeconds: Int

  package init(endpointCount: Int, affinitySeconds: Int = 0) {
    self.endpointCount = min(max(endpointCount, 0), Self.maximumEndpoints)
    // Without endpoints there is nothing to stay with: one class refuses for all.
    self.affinitySeconds = self.endpointCount == 0 ? 0 : min(max(affinitySeconds, 0), Self.maximumSeconds)
  }

  /// The number that stands for the class in the kernel's map.
  package var word: UInt32 { UInt32(affinitySeconds) << 15 | UInt32(endpointCount) }

  /// `nil` for a number no class has.
  package init?(word: UInt32) {
    self.init(endpointCount: Int(word & 0x7fff), affinitySeconds: Int(word >> 15))
    guard self.word == word else { return nil }
  }
}
