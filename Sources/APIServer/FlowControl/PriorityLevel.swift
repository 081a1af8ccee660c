import JSONTree
import KubernetesAPI

/// How many requests of a priority level are served, and which wait. Requests take one seat each. A value without time or
/// threads: whoever has it decides when to ask.
struct PriorityLevel: Sendable {
  /// A PriorityLevelConfiguration.
  struct Settings: Sendable {
    let name: String
    let uid: String
    let isExempt: Bool
    let shares: Int64
    let lendablePercent: Int64
    /// `nil` for no bound.
    let borrowingLimitPercent: Int64?
    /// `nil` where requests that would have to wait are refused.
    let queuing: Queuing?

    init(_ object: JSON) {
      name = object.name
      uid = object.uid
      isExempt = object.spec["type"] == "Exempt"
      let level = object.spec[isExempt ? "exempt" : "limited"] ?? [:]
      shares = level["nominalConcurrencyShares"]?.int ?? 0
      lendablePercent = level["lendablePercent"]?.int ?? 0
      borrowingLimitPercent = level["borrowingLimitPercent"]?.int
      queuing = level[path: "limitResponse", "queuing"].map(Queuing.init)
    }
  }

  struct Queuing: Sendable {
    let queues: Int
    let handSize: Int
    let lengthLimit: Int

    init(_ json: JSON) {
      queues = Int(clamping: json["queues"]?.int ?? 1)
      handSize = Int(clamping: json["handSize"]?.int ?? 1)
      lengthLimit = Int(clamping: json["queueLengthLimit"]?.int ?? 1)
    }

    /// The queues that a flow may choose from: as many different ones as a hand has, dealt by its hash, so that two flows
    /// seldom have all in common.
    func hand(of flow: UInt64) -> [Int] {
      var rest = flow
      var dealt: [Int] = []
      for card in 0..<min(handSize, queues) {
        let left = UInt64(queues - card)
        var queue = Int(rest % left)
        rest /= left
        for taken in dealt.sorted() where taken <= queue { queue += 1 }
        dealt.append(queue)
      }
      return dealt
    }
  }

  var settings: Settings
  /// Seats that are its own.
  var nominal = 0
  private(set) var executing = 0
  private(set) var dispatched: UInt64 = 0
  private(set) var rejected: [String: UInt64] = [:]
  /// Who waits, by queue, in the order they came.
  private var queues: [Int: [UInt64]] = [:]
  /// The queues in which somebody waits, in the order of their turns.
  private var turns: [Int] = []

  init(_ settings: Settings) { self.settings = settings }

  var waiting: Int { queues.values.reduce(0) { $0 + $1.count } }
  var isWaitedFor: Bool { !turns.isEmpty }
  /// Seats beyond its own that it has.
  var borrowed: Int { max(0, executing - nominal) }
  /// Seats of its own that others may have for now.
  var lendable: Int { max(0, min(Self.part(nominal, settings.lendablePercent), nominal - executing)) }

  private static func part(_ seats: Int, _ percent: Int64) -> Int {
    Int((Double(seats) * Double(percent) / 100).rounded())
  }

  /// Whether one more may be served.
  /// - Parameter spare: Seats that the other levels lend and nobody has.
  func hasSeat(spare: @autoclosure () -> Int) -> Bool {
    if executing < nominal { return true }
    let limit = settings.borrowingLimitPercent.map { Self.part(nominal, $0) } ?? .max
    return borrowed < limit && spare() > 0
  }

  mutating func start() {
    executing += 1
    dispatched += 1
  }

  mutating func end() { executing -= 1 }

  mutating func reject(_ reason: String) { rejected[reason, default: 0] += 1 }

  /// Puts a request into the shortest queue of its flow's hand. Returns whether there was room.
  mutating func enqueue(_ waiter: UInt64, of flow: UInt64) -> Bool {
    guard let queuing = settings.queuing else { return false }
    let hand = queuing.hand(of: flow)
    guard let queue = hand.min(by: { queues[$0]?.count ?? 0 < queues[$1]?.count ?? 0 }),
      queues[queue]?.count ?? 0 < queuing.lengthLimit
    else { return false }
    if queues[queue] == nil { turns.append(queue) }
    queues[queue, default: []].append(waiter)
    return true
  }

  /// Who is next: the queues take turns, so that a flow with many requests does not keep out one with few.
  mutating func next() -> UInt64? {
    guard let queue = turns.first, var waiters = queues[queue] else { return nil }
    turns.removeFirst()
    let next = waiters.removeFirst()
    queues[queue] = waiters.isEmpty ? nil : waiters
    if !waiters.isEmpty { turns.append(queue) }
    return next
  }

  /// Takes a request out that waits no more.
  mutating func remove(_ waiter: UInt64) {
    for (queue, waiters) in queues where waiters.contains(waiter) {
      let rest = waiters.filter { $0 != waiter }
      queues[queue] = rest.isEmpty ? nil : rest
      if rest.isEmpty { turns.removeAll { $0 == queue } }
    }
  }
}
