internal import HashTreeCollections

/// Who has what, where several may claim the same: the latest has it, and when that one goes the one before has it again.
/// A value that shares what it has in common with earlier ones. A claim costs the same however many there are of other keys,
/// and grows with those of its own.
struct Claims<Key: Hashable & Sendable, Claimant: Hashable & Sendable>: Sendable {
  private var holders: TreeDictionary<Key, Claimant> = [:]
  /// Of what is contested, who claimed it before its holder: the latest last.
  private var earlier: TreeDictionary<Key, [Claimant]> = [:]

  subscript(key: Key) -> Claimant? { holders[key] }

  /// Everybody who claims it, the latest last.
  func all(_ key: Key) -> [Claimant] { (earlier[key] ?? []) + (holders[key].map { [$0] } ?? []) }

  /// Takes in that somebody claims other things than before. What is claimed before and after is no new claim.
  mutating func replace(_ former: Set<Key>, with keys: Set<Key>, by claimant: Claimant) {
    for key in former where !keys.contains(key) { release(key, by: claimant) }
    for key in keys where !former.contains(key) { claim(key, by: claimant) }
  }

  private mutating func claim(_ key: Key, by claimant: Claimant) {
    guard let holder = holders.updateValue(claimant, forKey: key) else { return }
    earlier[key, default: []].append(holder)
  }

  private mutating func release(_ key: Key, by claimant: Claimant) {
    guard var others = earlier.removeValue(forKey: key) else {
      holders[key] = nil
      return
    }
    if holders[key] == claimant {
      holders[key] = others.removeLast()
    } else {
      others.removeAll { $0 == claimant }
    }
    if !others.isEmpty { earlier[key] = others }
  }
}
