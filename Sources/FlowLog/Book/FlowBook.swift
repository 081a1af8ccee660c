internal import Conntrack
internal import KubernetesAPI
internal import NetworkTypes

/// The connections that live, the latest that ended, and the latest that were dropped; so many of each and no more.
struct FlowBook: Sendable {
  struct Limits: Sendable {
    var live = 65_536
    var ended = 4096
    var dropped = 4096
    /// Dropped packets of one flow are one record while no pause is longer.
    var pause = Duration.seconds(60)
  }

  /// A drop that repeats itself: a sender tries again from the same port.
  private struct DropKey: Hashable {
    let path: FlowJoin.Path
    let isEgress: Bool
  }

  private struct Live {
    var record: FlowRecord
    let id: UInt32
  }

  private let limits: Limits
  private var live: [ConntrackFlow: Live] = [:]
  /// In the order they came; those that have ended are passed over.
  private var order = RecentItems<(flow: ConntrackFlow, number: UInt64)>(capacity: .max)
  private var ended: RecentItems<FlowRecord>
  private var endedIDs: RecentItems<(flow: ConntrackFlow, id: UInt32)>
  private var idOfEnded: [ConntrackFlow: UInt32] = [:]
  private var dropped: RecentItems<FlowRecord>
  private var placeOfDrop: [DropKey: Int] = [:]
  private var nextNumber: UInt64 = 1
  /// Live connections that had to make room.
  private(set) var displaced = 0

  init(_ limits: Limits = Limits()) {
    self.limits = limits
    ended = RecentItems(capacity: limits.ended)
    endedIDs = RecentItems(capacity: limits.ended)
    dropped = RecentItems(capacity: limits.dropped)
  }

  var liveCount: Int { live.count }

  /// All records, oldest first within live, ended and dropped ones.
  var records: [FlowRecord] {
    live.values.map(\.record).sorted { $0.number < $1.number } + ended.items + dropped.items
  }

  /// Whether this very connection is known to live, and not another with the same tuples.
  func holds(_ entry: ConntrackEntry) -> Bool { live[entry.flow]?.id == entry.id }

  /// Whether this very connection has ended lately: a listing may be older than its end.
  func hasEnded(_ entry: ConntrackEntry) -> Bool { idOfEnded[entry.flow] == entry.id }

  /// A connection that has begun, or is seen for the first time; `nil` where a listing had it before the word of its
  /// beginning came.
  mutating func begin(_ entry: ConntrackEntry, _ record: FlowRecord) -> FlowRecord? {
    if holds(entry) {
      let since = live[entry.flow]?.record.since ?? record.since
      live[entry.flow]?.record.since = since
      return nil
    }
    // The end of another with the same tuples was lost.
    if live[entry.flow] != nil { _ = end(entry.flow, at: record.until) }
    var record = record
    record.number = number()
    live[entry.flow] = Live(record: record, id: entry.id)
    _ = order.append((entry.flow, record.number))
    while live.count > limits.live, let oldest = order.removeFirst() {
      guard live[oldest.flow]?.record.number == oldest.number else { continue }
      live[oldest.flow] = nil
      displaced += 1
    }
    // What has ended is passed over in time: otherwise one that lives long would keep all that came after it.
    if order.count > 2 * live.count + 1024 {
      order.keep { live[$0.flow]?.record.number == $0.number }
    }
    return record
  }

  mutating func update(_ entry: ConntrackEntry, at time: Timestamp) {
    guard holds(entry) else { return }
    live[entry.flow]?.record.update(entry)
    live[entry.flow]?.record.until = time
  }

  /// `nil` for one that is not known.
  mutating func end(_ entry: ConntrackEntry, at time: Timestamp) -> FlowRecord? {
    guard holds(entry) else { return nil }
    live[entry.flow]?.record.update(entry)
    return end(entry.flow, at: time)
  }

  private mutating func end(_ flow: ConntrackFlow, at time: Timestamp) -> FlowRecord? {
    guard let former = live.removeValue(forKey: flow) else { return nil }
    var record = former.record
    record.status = .ended
    record.until = time
    _ = ended.append(record)
    if let gone = endedIDs.append((flow, former.id)), idOfEnded[gone.flow] == gone.id { idOfEnded[gone.flow] = nil }
    idOfEnded[flow] = former.id
    return record
  }

  /// Ends what a listing does not have, but for what the kernel told of after `time`. Returns what ended.
  mutating func endAll(but listed: Set<ConntrackFlow>, before time: Timestamp, at now: Timestamp) -> [FlowRecord] {
    let gone = live.filter { !listed.contains($0.key) && $0.value.record.until < time }.keys
    return gone.compactMap { end($0, at: now) }
  }

  /// A dropped packet. `nil` where it is one more of a flow whose drop is known.
  mutating func drop(_ record: FlowRecord) -> FlowRecord? {
    let key = DropKey(path: record.leaving, isEgress: record.egress?.isAllowed == false)
    if let place = placeOfDrop[key], let former = dropped[place], record.until - former.until <= limits.pause {
      dropped[place]?.droppedPackets += record.droppedPackets
      dropped[place]?.until = max(former.until, record.until)
      return nil
    }
    var record = record
    record.number = number()
    if let gone = dropped.append(record) {
      let old = DropKey(path: gone.leaving, isEgress: gone.egress?.isAllowed == false)
      if let place = placeOfDrop[old], dropped[place] == nil { placeOfDrop[old] = nil }
    }
    placeOfDrop[key] = dropped.lastPlace
    return record
  }

  private mutating func number() -> UInt64 {
    defer { nextNumber += 1 }
    return nextNumber
  }
}
