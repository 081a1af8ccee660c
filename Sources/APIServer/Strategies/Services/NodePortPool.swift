/// The ports of the nodes that Services have, each a Service's over all protocols.
struct NodePortPool: Sendable {
  /// Why a port cannot be had, in upstream's words.
  enum Refusal: Error, Sendable, CustomStringConvertible {
    case full
    case taken
    case outside(ClosedRange<Int64>)

    var description: String {
      switch self {
      case .full: "range is full"
      case .taken: "provided port is already allocated"
      case .outside(let range):
        "provided port is not in the valid range. The range of valid ports is \(range.lowerBound)-\(range.upperBound)"
      }
    }
  }

  let range: ClosedRange<Int64>
  /// What is given to whom names no port (upstream's KEP-3668).
  let dynamic: ClosedRange<Int64>
  /// At the beginning, for ports that people ask for; given to others once the rest is taken. `nil` in small ranges.
  let fixed: ClosedRange<Int64>?
  private var taken = AddressRuns()

  private static let smallestBand = 16
  private static let largestBand = 128

  init(range: ClosedRange<Int64>) {
    self.range = range
    let band = range.count <= Self.smallestBand ? 0 : min(max(range.count / 32, Self.smallestBand), Self.largestBand)
    let middle = range.lowerBound + Int64(band)
    dynamic = middle...range.upperBound
    fixed = band == 0 ? nil : range.lowerBound...(middle - 1)
  }

  /// Takes note of a port that is held already.
  mutating func adopt(_ port: Int64) {
    if range.contains(port) { taken.insert(UInt128(port)) }
  }

  mutating func release(_ port: Int64) {
    if range.contains(port) { taken.remove(UInt128(port)) }
  }

  /// Takes a port that somebody has asked for.
  mutating func take(_ port: Int64) throws(Refusal) {
    guard range.contains(port) else { throw .outside(range) }
    guard taken.insert(UInt128(port)) else { throw .taken }
  }

  /// Takes any free port: from the upper part of the range first.
  mutating func takeAny(using generator: inout some RandomNumberGenerator) throws(Refusal) -> Int64 {
    for band in [dynamic, fixed] {
      guard let band else { continue }
      let start = UInt128(Int64.random(in: band, using: &generator))
      let bounds = UInt128(band.lowerBound)...UInt128(band.upperBound)
      guard let value = taken.firstGap(in: bounds, from: start) else { continue }
      taken.insert(value)
      return Int64(value)
    }
    throw .full
  }
}
