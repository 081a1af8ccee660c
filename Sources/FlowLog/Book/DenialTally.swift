/// Adds up what two counters of the kernel say that begin anew now and then: how many denied packets the log was not told
/// of.
struct DenialTally: Sendable {
  private var last: (denied: UInt64, told: UInt64)?
  private(set) var untold = 0

  mutating func add(denied: UInt64, told: UInt64) {
    defer { last = (denied, told) }
    // The first look says where the counters are, not what is missing.
    guard let last else { return }
    let isAnew = denied < last.denied || told < last.told
    let (newDenied, newTold) = isAnew ? (denied, told) : (denied - last.denied, told - last.told)
    untold += Int(clamping: newDenied) - Int(clamping: min(newTold, newDenied))
  }
}
