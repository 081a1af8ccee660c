/// Answers of other servers for as long as they may be kept. Full, it forgets those that end first.
struct AnswerCache {
  private struct Entry {
    let answer: UpstreamAnswer
    let stored: ContinuousClock.Instant
    let expires: ContinuousClock.Instant
  }

  private let capacity: Int
  private var entries: [UpstreamQuery: Entry] = [:]

  init(capacity: Int = 4096) { self.capacity = capacity }

  var count: Int { entries.count }

  func answer(to query: UpstreamQuery, at now: ContinuousClock.Instant) -> UpstreamAnswer? {
    guard let entry = entries[query], entry.expires > now else { return nil }
    return entry.answer.aged(by: UInt32(clamping: (now - entry.stored).components.seconds))
  }

  mutating func store(_ answer: UpstreamAnswer, for query: UpstreamQuery, at now: ContinuousClock.Instant) {
    guard answer.lifetime > 0 else { return }
    if entries.count >= capacity { shrink(now) }
    entries[query] = Entry(answer: answer, stored: now, expires: now + .seconds(answer.lifetime))
  }

  /// Drops what has ended, and the nearest eighth of the rest where that was not enough.
  private mutating func shrink(_ now: ContinuousClock.Instant) {
    entries = entries.filter { $0.value.expires > now }
    guard entries.count >= capacity else { return }
    for key in entries.sorted(by: { $0.value.expires < $1.value.expires }).prefix(max(1, capacity / 8)).map(\.key) {
      entries[key] = nil
    }
  }
}
