import HTTPTypes
import JSONTree
package import KubernetesAPI
import NIOConcurrencyHelpers

/// Shares the server among its clients (upstream's API priority and fairness): a request belongs to the first FlowSchema
/// that fits it, whose priority level has a number of seats. Without a seat it waits in a queue of its flow, or is refused.
package final class FlowController: Sendable {
  /// What a request was taken for.
  struct Ticket: Sendable {
    fileprivate let schemaUID: String
    fileprivate let levelUID: String
    /// The level in which it has a seat; `nil` where it needs none.
    fileprivate let level: String?

    /// Tells the client what its request was taken for.
    func mark(_ response: inout APIServerResponse) {
      response.headers[.flowSchemaUID] = schemaUID
      response.headers[.priorityLevelUID] = levelUID
    }
  }

  enum Admission: Sendable {
    case admitted(Ticket)
    case refused(Ticket)
  }

  private struct Waiter {
    let level: String
    let deadline: ContinuousClock.Instant
    let continuation: CheckedContinuation<Bool, Never>
  }

  private struct State {
    var flows = FlowControlState()
    var changes: [Int64] = []
    var waiters: [UInt64: Waiter] = [:]
    var nextWaiter: UInt64 = 0
  }

  private let registry: Registry
  private let state: NIOLockedValueBox<State>
  /// A quarter of the minute that upstream gives a request.
  private static let longestWait = Duration.seconds(15)

  package init(registry: Registry, seats: Int = 600) {
    self.registry = registry
    var state = State()
    state.flows = FlowControlState(seats: seats)
    self.state = NIOLockedValueBox(state)
  }

  // MARK: Admission

  /// Admits a request that is answered without waiting; `nil` where it would have to wait.
  func admitAtOnce(_ request: FlowRequest) -> Ticket? {
    refresh()
    return state.withLockedValue { state in
      guard let (ticket, schema) = Self.ticket(for: request, state.flows) else { return nil }
      guard ticket.level == nil || state.flows.start(schema.level) else { return nil }
      return ticket
    }
  }

  /// Admits a request, after a while where its level is busy. To be followed by ``finish(_:)``.
  func admit(_ request: FlowRequest) async -> Admission {
    if let ticket = admitAtOnce(request) { return .admitted(ticket) }
    let (found, waiter) = state.withLockedValue { state in
      defer { state.nextWaiter += 1 }
      return (Self.ticket(for: request, state.flows), state.nextWaiter)
    }
    guard let (ticket, schema) = found else { return .refused(Ticket(schemaUID: "", levelUID: "", level: nil)) }
    // The objects may have changed since the first try.
    if ticket.level == nil { return .admitted(ticket) }
    let flow = schema.flow(of: request)
    let isAdmitted = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in wait(waiter, schema.level, flow, continuation) }
    } onCancel: {
      give(up: [waiter], reason: "cancelled")
    }
    return isAdmitted ? .admitted(ticket) : .refused(ticket)
  }

  private func wait(
    _ waiter: UInt64, _ level: String, _ flow: UInt64, _ continuation: CheckedContinuation<Bool, Never>
  ) {
    let deadline = ContinuousClock.now + Self.longestWait
    let answer: Bool? = state.withLockedValue { state in
      // A seat may have come free meanwhile.
      if state.flows.start(level) { return true }
      guard !Task.isCancelled, state.flows.enqueue(waiter, level, of: flow) else {
        let isQueuing = state.flows.levels[level]?.settings.queuing != nil
        state.flows.reject(
          level, Task.isCancelled ? "cancelled" : isQueuing ? "queue-full" : "concurrency-limit")
        return false
      }
      state.waiters[waiter] = Waiter(level: level, deadline: deadline, continuation: continuation)
      return nil
    }
    if let answer { continuation.resume(returning: answer) }
  }

  /// Gives the seat back that an admitted request has.
  func finish(_ ticket: Ticket) {
    guard let level = ticket.level else { return }
    let started = state.withLockedValue { state in
      state.flows.end(level)
      return Self.dispatch(&state)
    }
    for waiter in started { waiter.continuation.resume(returning: true) }
  }

  /// Refuses those who have waited too long.
  func expire(now: ContinuousClock.Instant = .now) {
    let late = state.withLockedValue { state in state.waiters.filter { $0.value.deadline <= now }.map(\.key) }
    give(up: late, reason: "time-out")
  }

  private func give(up waiters: [UInt64], reason: String) {
    let gone = state.withLockedValue { state in
      waiters.compactMap { id -> Waiter? in
        guard let waiter = state.waiters.removeValue(forKey: id) else { return nil }
        state.flows.remove(id, waiter.level)
        state.flows.reject(waiter.level, reason)
        return waiter
      }
    }
    for waiter in gone { waiter.continuation.resume(returning: false) }
  }

  private static func ticket(for request: FlowRequest, _ flows: FlowControlState) -> (Ticket, FlowSchema)? {
    guard let schema = flows.schema(of: request), let level = flows.levels[schema.level] else { return nil }
    let settings = level.settings
    let ticket = Ticket(
      schemaUID: schema.uid, levelUID: settings.uid, level: settings.isExempt ? nil : settings.name)
    return (ticket, schema)
  }

  /// The waiters who have a seat now; they are woken without the lock.
  private static func dispatch(_ state: inout State) -> [Waiter] {
    state.flows.dispatch().compactMap { state.waiters.removeValue(forKey: $0) }
  }

  // MARK: Configuration

  /// Takes over what has changed in the objects since the last time.
  private func refresh() {
    guard let schemas = try? registry.cache(of: .flowSchemas), let levels = try? registry.cache(of: .priorityLevels)
    else { return }
    let changes = [schemas.lastChange, levels.lastChange]
    guard state.withLockedValue({ $0.changes != changes }) else { return }
    let (schemaObjects, levelObjects) = (Self.trees(schemas), Self.trees(levels))
    let started = state.withLockedValue { state -> [Waiter] in
      // Whoever is later may have been faster.
      guard zip(state.changes, changes).allSatisfy({ $0 <= $1 }) else { return [] }
      state.changes = changes
      state.flows.configure(schemas: schemaObjects, levels: levelObjects)
      return Self.dispatch(&state)
    }
    for waiter in started { waiter.continuation.resume(returning: true) }
  }

  private static func trees(_ cache: ResourceCache) -> [JSON] { cache.view.objects.compactMap { try? $0.tree() } }

  // MARK: Metrics

  func write(to page: inout MetricsPage) {
    refresh()
    let levels = state.withLockedValue { $0.flows.levels.values.sorted { $0.settings.name < $1.settings.name } }
    func add(_ name: String, _ kind: MetricsPage.Kind, _ help: String, _ value: (PriorityLevel) -> Double) {
      page.begin("apiserver_flowcontrol_\(name)", kind, help)
      for level in levels { page.add(value(level), [("priority_level", level.settings.name)]) }
    }
    add("nominal_limit_seats", .gauge, "Seats that are a priority level's own.") { Double($0.nominal) }
    add("current_executing_seats", .gauge, "Seats in use.") { Double($0.executing) }
    add("current_inqueue_requests", .gauge, "Requests that wait.") { Double($0.waiting) }
    add("dispatched_requests_total", .counter, "Requests that had a seat.") { Double($0.dispatched) }
    page.begin("apiserver_flowcontrol_rejected_requests_total", .counter, "Requests refused, by the reason.")
    for level in levels {
      for (reason, count) in level.rejected.sorted(by: { $0.key < $1.key }) {
        page.add(Double(count), [("priority_level", level.settings.name), ("reason", reason)])
      }
    }
  }
}

extension HTTPField.Name {
  fileprivate static let flowSchemaUID = HTTPField.Name("X-Kubernetes-PF-FlowSchema-UID")!
  fileprivate static let priorityLevelUID = HTTPField.Name("X-Kubernetes-PF-PriorityLevel-UID")!
}
