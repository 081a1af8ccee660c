import JSONTree
import KubernetesAPI

/// All priority levels and flow schemas, and who has seats: the decisions of ``FlowController``, without its waiting.
struct FlowControlState: Sendable {
  /// Requests that are served at a time in all, exempt ones aside: upstream's 400 reading and 200 changing ones.
  private let seats: Int
  private(set) var schemas: [FlowSchema] = []
  private(set) var levels: [String: PriorityLevel] = [:]
  /// Levels that are gone and in use.
  private var leaving: Set<String> = []

  init(seats: Int = 600) {
    self.seats = seats
    configure(schemas: [], levels: [])
  }

  /// Takes the objects there are; mandatory ones that are missing are made up.
  mutating func configure(schemas objects: [JSON], levels levelObjects: [JSON]) {
    func completed(_ objects: [JSON], _ builtIn: [JSON]) -> [JSON] {
      let names = Set(objects.map(\.name))
      return objects
        + builtIn.filter { BuiltInFlowControl.mandatory.contains($0.name) && !names.contains($0.name) }
    }
    let settings = completed(levelObjects, BuiltInFlowControl.levels).map(PriorityLevel.Settings.init)
    let wanted = Set(settings.map(\.name))
    for setting in settings { levels[setting.name, default: PriorityLevel(setting)].settings = setting }
    for (name, level) in levels where !wanted.contains(name) && level.executing == 0 && !level.isWaitedFor {
      levels[name] = nil
    }
    leaving = Set(levels.keys).subtracting(wanted)
    let total = levels.values.reduce(Int64(0)) { $0 + $1.settings.shares }
    for (name, level) in levels {
      let share = Double(seats) * Double(level.settings.shares) / Double(max(1, total))
      levels[name]?.nominal = Int(share.rounded(.up))
    }
    schemas = completed(objects, BuiltInFlowControl.schemas).map(FlowSchema.init)
      .filter { wanted.contains($0.level) }
      .sorted { ($0.precedence, $0.name) < ($1.precedence, $1.name) }
  }

  /// The schema that a request belongs to. The mandatory one at the end takes what no other does.
  func schema(of request: FlowRequest) -> FlowSchema? { schemas.first { $0.fits(request) } ?? schemas.last }

  /// Takes a seat where there is one and nobody has to be let pass.
  mutating func start(_ name: String) -> Bool {
    guard let level = levels[name], !level.isWaitedFor, level.hasSeat(spare: spare(for: name)) else { return false }
    levels[name]?.start()
    return true
  }

  mutating func end(_ name: String) {
    levels[name]?.end()
    forget(name)
  }

  mutating func enqueue(_ waiter: UInt64, _ name: String, of flow: UInt64) -> Bool {
    levels[name]?.enqueue(waiter, of: flow) ?? false
  }

  mutating func reject(_ name: String, _ reason: String) { levels[name]?.reject(reason) }

  mutating func remove(_ waiter: UInt64, _ name: String) {
    levels[name]?.remove(waiter)
    forget(name)
  }

  /// Gives free seats to those who wait; returns them.
  mutating func dispatch() -> [UInt64] {
    var started: [UInt64] = []
    guard levels.values.contains(where: \.isWaitedFor) else { return started }
    for name in levels.keys.sorted() {
      while let level = levels[name], level.isWaitedFor, level.hasSeat(spare: spare(for: name)),
        let next = levels[name]?.next()
      {
        levels[name]?.start()
        started.append(next)
      }
    }
    return started
  }

  /// What the other levels lend and nobody has borrowed.
  private func spare(for name: String) -> Int {
    var lent = 0
    for (other, level) in levels {
      if other != name { lent += level.lendable }
      lent -= level.borrowed
    }
    return max(0, lent)
  }

  private mutating func forget(_ name: String) {
    guard leaving.contains(name), let level = levels[name], level.executing == 0, !level.isWaitedFor else { return }
    levels[name] = nil
    leaving.remove(name)
  }
}
