/// A set of addresses of one family, kept as runs without a gap: a free one is found in the time of a search, however
/// full the range is.
struct AddressRuns: Sendable, Equatable {
  private struct Run: Sendable, Equatable {
    var first: UInt128
    var last: UInt128
  }

  /// In order, with at least one address that is not in the set between two of them.
  private var runs: [Run] = []

  /// The place of the first run that ends at `value` or behind it.
  private func place(_ value: UInt128) -> Int {
    var (low, high) = (0, runs.count)
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].last < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func contains(_ value: UInt128) -> Bool {
    let place = place(value)
    return place < runs.count && runs[place].first <= value
  }

  /// False where it was there already.
  @discardableResult
  mutating func insert(_ value: UInt128) -> Bool {
    let place = place(value)
    if place < runs.count, runs[place].first <= value { return false }
    let joinsNext = place < runs.count && value + 1 == runs[place].first
    let joinsPrevious = place > 0 && runs[place - 1].last + 1 == value
    switch (joinsPrevious, joinsNext) {
    case (true, true):
      runs[place - 1].last = runs[place].last
      runs.remove(at: place)
    case (true, false): runs[place - 1].last = value
    case (false, true): runs[place].first = value
    case (false, false): runs.insert(Run(first: value, last: value), at: place)
    }
    return true
  }

  mutating func remove(_ value: UInt128) {
    let place = place(value)
    guard place < runs.count, runs[place].first <= value else { return }
    let run = runs[place]
    switch (run.first == value, run.last == value) {
    case (true, true): runs.remove(at: place)
    case (true, false): runs[place].first = value + 1
    case (false, true): runs[place].last = value - 1
    case (false, false):
      runs[place].last = value - 1
      runs.insert(Run(first: value + 1, last: run.last), at: place + 1)
    }
  }

  /// The first address of `range` that is not in the set, from `start` on and then from the range's beginning; `nil`
  /// where all are.
  func firstGap(in range: ClosedRange<UInt128>, from start: UInt128) -> UInt128? {
    gap(at: start, through: range.upperBound) ?? gap(at: range.lowerBound, through: range.upperBound)
  }

  private func gap(at value: UInt128, through end: UInt128) -> UInt128? {
    let place = place(value)
    guard place < runs.count, runs[place].first <= value else { return value }
    let last = runs[place].last
    return last < end ? last + 1 : nil
  }
}
