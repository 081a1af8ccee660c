/// How the kernel chooses among a Service port's endpoints: their number, and how long a client stays with its choice.
/// Each class has a chain of its own that draws a number below the count.
package struct BackendClass: Hashable, Sendable {
  /// The class's word has 15 bits for the count; endpoints beyond that many get no traffic.
  package static let maximumEndpoints = 0x7fff
  /// The longest affinity the API admits: one day.
  package static let maximumSeconds = 86_400

  /// No endpoint can take the traffic: it is refused at once.
  package static let refusing = BackendClass(endpointCount: 0)
  /// There are endpoints and none this node may lead to: the traffic is dropped, for another node may take it.
  package static let dropping = BackendClass(droppingWith: 1)

  package let endpointCount: Int
  /// 0 without affinity.
  package let affinitySeconds: Int
  package let isDropping: Bool

  package init(endpointCount: Int, affinitySeconds: Int = 0) {
    self.endpointCount = min(max(endpointCount, 0), Self.maximumEndpoints)
    // Without endpoints there is nothing to stay with: one class refuses for all.
    self.affinitySeconds = self.endpointCount == 0 ? 0 : min(max(affinitySeconds, 0), Self.maximumSeconds)
    isDropping = false
  }

  /// Its word has a time and no endpoint, as no other class's has.
  private init(droppingWith seconds: Int) {
    endpointCount = 0
    affinitySeconds = seconds
    isDropping = true
  }

  /// The number that stands for the class in the kernel's map.
  package var word: UInt32 { UInt32(affinitySeconds) << 15 | UInt32(endpointCount) }

  /// `nil` for a number no class has.
  package init?(word: UInt32) {
    if word == Self.dropping.word {
      self = .dropping
      return
    }
    self.init(endpointCount: Int(word & 0x7fff), affinitySeconds: Int(word >> 15))
    guard self.word == word else { return nil }
  }
}
