import KubernetesAPI

/// The sequential server that a history is compared with: one object after the other changes, each change has the next
/// revision, and everybody sees the changes in this order.
struct HistoryModel {
  /// The states an object went through; `nil` while it is absent.
  private typealias Timeline = [(revision: Int64, content: HistoryContent?)]

  private let operations: [HistoryOperation]
  private let events: [String: [HistoryEvent]]
  private var timelines: [HistoryKey: Timeline] = [:]
  private var written: [String: Int64] = [:]
  private(set) var faults: [String] = []

  init(operations: [HistoryOperation], events: [String: [HistoryEvent]]) {
    self.operations = operations
    self.events = events
    for kind in HistoryWriter.kinds { replay(kind) }
    for kind in HistoryWriter.kinds { compareWatchers(kind) }
    for operation in operations { judge(operation) }
    countDeletions()
  }

  // MARK: The order of the changes

  /// Walks the changes as one watcher of everything saw them.
  private mutating func replay(_ kind: ResourceKind) {
    let operations = Dictionary(self.operations.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    var newest: Int64 = 0
    for event in events["\(kind.plural) all 0"] ?? [] {
      if event.revision <= newest { faults.append("\(event.key): revision \(event.revision) comes after \(newest)") }
      newest = event.revision
      let current = timelines[event.key]?.last
      let expected =
        event.type == "DELETED" ? current?.content : Self.apply(operations[event.content.operation], current)
      if (event.type == "ADDED") != (current?.content == nil) {
        faults.append("\(event.key): \(event.type) at \(event.revision), but before it was \(current as Any)")
      }
      if !event.key.name.hasPrefix(HistoryRun.marker), expected != event.content {
        faults.append("\(event.key) at \(event.revision) is \(event.content), not \(expected as Any)")
      }
      if event.type != "DELETED", written.updateValue(event.revision, forKey: event.content.operation) != nil,
        !event.key.name.hasPrefix(HistoryRun.marker)
      {
        faults.append("\(event.content.operation) happened twice")
      }
      timelines[event.key, default: []].append((event.revision, event.type == "DELETED" ? nil : event.content))
    }
  }

  /// What an operation makes of an object; `nil` where it could not have done anything to it.
  private static func apply(
    _ operation: HistoryOperation?, _ current: (revision: Int64, content: HistoryContent?)?
  ) -> HistoryContent? {
    guard let operation else { return nil }
    if case .refused = operation.outcome { return nil }
    switch operation.action {
    case .create: return current?.content == nil ? operation.content : nil
    case .update(let revision): return current?.revision == revision ? operation.content : nil
    case .patch: return current?.content?.merged(with: operation.content)
    case .delete, .get, .list: return nil
    }
  }

  /// Every other watcher has to have seen what its selection makes of the same changes, each once and in order.
  private mutating func compareWatchers(_ kind: ResourceKind) {
    let all = events["\(kind.plural) all 0"] ?? []
    for (name, seen) in events.sorted(by: { $0.key < $1.key }) where name.hasPrefix("\(kind.plural) ") {
      let label = name.split(separator: " ")[1]
      let expected = label == "all" ? all : Self.selected(all, label: String(label))
      guard seen != expected else { continue }
      let place = zip(seen, expected).prefix { $0 == $1 }.count
      faults.append(
        "\(name): event \(place) is \(seen.dropFirst(place).first as Any), not \(expected.dropFirst(place).first as Any)"
      )
    }
  }

  private static func selected(_ all: [HistoryEvent], label: String) -> [HistoryEvent] {
    var current: [HistoryKey: HistoryContent] = [:]
    return all.compactMap { event in
      let before = current[event.key]
      current[event.key] = event.type == "DELETED" ? nil : event.content
      let was = before?.label == label
      let isIn = event.type != "DELETED" && event.content.label == label
      guard was || isIn else { return nil }
      let type = !was ? "ADDED" : isIn ? "MODIFIED" : "DELETED"
      // What leaves the selection is shown as it was.
      return HistoryEvent(
        type: type, revision: event.revision, key: event.key, content: isIn ? event.content : before ?? event.content)
    }
  }

  // MARK: What single clients were told

  private mutating func judge(_ operation: HistoryOperation) {
    switch operation.outcome {
    case .unknown, .deleted: break
    case .wrote(let revision):
      if written[operation.id] != revision {
        faults.append("\(operation.id) on \(operation.key) was acknowledged at \(revision) and is lost")
      }
      if revision <= operation.floor {
        faults.append("\(operation.id): \(revision) goes back behind \(operation.floor)")
      }
    case .refused(let code): judgeRefusal(operation, code)
    case .read(let revision, let content):
      let timeline = timelines[operation.key] ?? []
      let place = timeline.firstIndex { $0.revision == revision }
      if place.map({ timeline[$0].content }) != content {
        faults.append("\(operation.id) read \(operation.key) at \(revision), which it never was")
      }
      if let place, place + 1 < timeline.count, timeline[place + 1].revision <= operation.floor {
        faults.append("\(operation.id) read \(operation.key) at \(revision), stale at \(operation.floor)")
      }
    case .listed(let revision, let items):
      if revision < operation.floor {
        faults.append("\(operation.id) listed at \(revision), stale at \(operation.floor)")
      }
      let state = state(of: operation.key.kind, at: revision)
      if state != items { faults.append("\(operation.id) listed \(items) at \(revision), not \(state)") }
    }
  }

  private mutating func judgeRefusal(_ operation: HistoryOperation, _ code: Int) {
    let isPossible: Bool
    switch (operation.action, code) {
    case (.create, 409): isPossible = wasEver(operation, present: true)
    case (.update, 409), (.delete(at: .some), 409), (.patch, 409): isPossible = true
    case (.update, 404), (.patch, 404), (.delete, 404), (.get, 404): isPossible = wasEver(operation, present: false)
    default: isPossible = false
    }
    if !isPossible { faults.append("\(operation.id) \(operation.action) on \(operation.key) was refused with \(code)") }
  }

  /// Whether the object was there, or was not, at some moment that the operation may have seen.
  private func wasEver(_ operation: HistoryOperation, present: Bool) -> Bool {
    let timeline = timelines[operation.key] ?? []
    let before = timeline.last { $0.revision <= operation.floor }
    if (before?.content != nil) == present { return true }
    return timeline.contains { $0.revision > operation.floor && ($0.content != nil) == present }
  }

  private func state(of kind: ResourceKind, at revision: Int64) -> [String: Int64] {
    var state: [String: Int64] = [:]
    for (key, timeline) in timelines where key.kind == kind {
      if let last = timeline.last(where: { $0.revision <= revision }), last.content != nil {
        state[key.name] = last.revision
      }
    }
    return state
  }

  /// Answers to deletions name no revision, so they are counted.
  private mutating func countDeletions() {
    var sure: [HistoryKey: Int] = [:]
    var possible: [HistoryKey: Int] = [:]
    for operation in operations {
      guard case .delete = operation.action else { continue }
      switch operation.outcome {
      case .deleted: sure[operation.key, default: 0] += 1
      case .unknown: possible[operation.key, default: 0] += 1
      default: break
      }
    }
    for key in Set(timelines.keys).union(sure.keys) {
      let count = (timelines[key] ?? []).filter { $0.content == nil }.count
      let least = sure[key] ?? 0
      if count < least || count > least + (possible[key] ?? 0) {
        faults.append("\(key) was deleted \(count) times, \(least) acknowledged, \(possible[key] ?? 0) unknown")
      }
    }
  }
}
