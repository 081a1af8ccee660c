internal import AnnouncementPlan
internal import ClusterModel
internal import LinuxKernel
internal import Logging
internal import NetworkTypes

/// The announcer's work, on one thread: it hears the others, elects, and keeps the kernel in step.
struct AnnouncerLoop {
  typealias Instant = ContinuousClock.Instant

  private let configuration: AddressAnnouncer.Configuration
  private let inbox: AnnouncerInbox
  private let logger: Logger
  private let sockets: HeartbeatSockets
  private var kernel: AddressKernel
  private var plan = AnnouncementPlan()
  private var membership = Membership()
  private var servicesAreInForce = false
  /// Since when there has been something to announce; `nil` while there is nothing.
  private var activeSince: Instant?
  /// Whether nothing is held because there is nothing to announce.
  private var isAtRest = false
  /// Whether this node may be chosen: it has had time to hear the others, or had addresses when it started.
  private var isCandidate = false
  /// From when on it chooses: those that became candidates with it have been heard by then.
  private var electsFrom = Instant.now
  private var needsElection = false
  private var nextHeartbeat = Instant.now
  private var nextRefresh = Instant.now
  /// When new addresses are announced once more: a frame may be lost.
  private var repeats: [(due: Instant, address: IPAddress)] = []
  /// What failed when it was tried last.
  private var failures: Set<String> = []

  /// A node that promised less would count as live for too long.
  private static let longestInterval = Duration.seconds(5)
  private static let refreshInterval = Duration.seconds(1)
  private static let repeatDelays: [Duration] = [.milliseconds(100), .milliseconds(500), .seconds(2)]

  init(_ configuration: AddressAnnouncer.Configuration, inbox: AnnouncerInbox, logger: Logger) throws {
    self.configuration = configuration
    self.inbox = inbox
    self.logger = logger
    sockets = HeartbeatSockets(port: configuration.port, namespace: configuration.namespace)
    kernel = try AddressKernel(configuration)
  }

  private var interval: Duration { configuration.interval(peers: max(0, plan.nodes.count - 1)) }

  /// Works until the inbox is stopped.
  mutating func run() throws(KernelError) {
    while try takeInbox() {
      let now = Instant.now
      hear(now)
      if plan.isEmpty { rest() } else { work(now) }
      _ = try Descriptors.waitReadable([inbox.descriptor] + sockets.descriptors, milliseconds: patience)
    }
  }

  /// Whether to go on.
  private mutating func takeInbox() throws(KernelError) -> Bool {
    let content = try inbox.take()
    servicesAreInForce = content.servicesAreInForce
    for update in content.updates where plan.update(update) { needsElection = true }
    return !content.isStopped
  }

  private mutating func hear(_ now: Instant) {
    for (heartbeat, address) in sockets.receive() {
      guard heartbeat.node != configuration.nodeName, plan.nodes[heartbeat.node]?.contains(address) == true else {
        continue
      }
      let isNews = membership.heard(
        heartbeat.node, isCandidate: heartbeat.isCandidate, links: heartbeat.links,
        interval: min(heartbeat.interval, Self.longestInterval), at: now)
      if isNews {
        needsElection = true
        // While it was not heard it may have announced what is held here.
        for placed in kernel.held { announceRepeatedly(placed.address, from: now) }
      }
    }
    let gone = membership.expire(at: now) { plan.nodes[$0] != nil }
    guard !gone.isEmpty else { return }
    needsElection = true
    logger.info("nodes are not heard any more", metadata: ["nodes": "\(gone.joined(separator: " "))"])
  }

  /// Nothing is to be announced: nothing is sent and nothing held.
  private mutating func rest() {
    // Before the cluster is known there is nothing to be said of what a former process left.
    guard !isAtRest, !plan.nodes.isEmpty else { return }
    // What fails is tried again a moment later.
    isAtRest = attempt("cannot give up load balancer addresses") { loop throws in
      try loop.sockets.bind(to: [])
      try loop.kernel.refresh()
      _ = try loop.kernel.hold([])
    }
    (activeSince, isCandidate, repeats) = (nil, false, [])
    membership = Membership()
  }

  private mutating func work(_ now: Instant) {
    if activeSince == nil { begin(now) }
    if now >= nextRefresh {
      nextRefresh = now + Self.refreshInterval
      refresh()
      // It also renews the leases.
      needsElection = true
    }
    if !isCandidate, servicesAreInForce, let activeSince, now >= activeSince + interval * Membership.patience {
      isCandidate = true
      electsFrom = now + interval
      nextHeartbeat = now
    }
    if now >= nextHeartbeat {
      beat()
      // What was missed is not made up for.
      nextHeartbeat = max(nextHeartbeat + interval, now)
    }
    if isCandidate, now >= electsFrom {
      if needsElection { elect(now) }
      needsElection = false
    }
    announceAgain(now)
  }

  private mutating func begin(_ now: Instant) {
    activeSince = now
    isAtRest = false
    (nextHeartbeat, nextRefresh) = (now, now + Self.refreshInterval)
    refresh()
    // A former process was chosen a moment ago, and its rules are in force still: the others need not notice.
    isCandidate = kernel.held.contains { plan.isAnnounced($0.address) }
    electsFrom = now
    needsElection = true
    if isCandidate { logger.info("goes on announcing", metadata: ["addresses": "\(kernel.held.count)"]) }
  }

  private mutating func refresh() {
    attempt("cannot read the node's links") { loop throws in try loop.kernel.refresh() }
    attempt("cannot listen for the other nodes") { loop throws in
      try loop.sockets.bind(to: loop.plan.nodes[loop.configuration.nodeName] ?? [])
    }
  }

  private func beat() {
    let heartbeat = Heartbeat(
      node: configuration.nodeName, isCandidate: isCandidate, interval: interval, links: kernel.links.blocks)
    for (name, addresses) in plan.nodes where name != configuration.nodeName {
      sockets.send(heartbeat.bytes, to: addresses)
    }
  }

  private mutating func elect(_ now: Instant) {
    var live = membership.candidates
    live[configuration.nodeName] = kernel.links.blocks
    var wanted = plan.addresses(of: configuration.nodeName, live: live)
    let former = Set(kernel.held.map(\.address))
    // A process that goes on where a former one ended has not heard the others yet: what they have is not its own.
    if let activeSince, now < activeSince + interval * Membership.patience { wanted.formIntersection(former) }
    attempt("cannot hold load balancer addresses") { loop throws in
      let (new, refusal) = try loop.kernel.hold(wanted)
      for address in new {
        loop.logger.info("announces a load balancer address", metadata: ["address": "\(address)"])
        loop.announceRepeatedly(address, from: now)
      }
      if let refusal { throw refusal }
    }
    for address in former.subtracting(wanted).sorted() {
      logger.info("gives up a load balancer address", metadata: ["address": "\(address)"])
      repeats.removeAll { $0.address == address }
    }
  }

  private mutating func announceRepeatedly(_ address: IPAddress, from now: Instant) {
    repeats.removeAll { $0.address == address }
    repeats += ([.zero] + Self.repeatDelays).map { (now + $0, address) }
  }

  private mutating func announceAgain(_ now: Instant) {
    let due = repeats.filter { $0.due <= now }
    guard !due.isEmpty else { return }
    repeats.removeAll { $0.due <= now }
    attempt("cannot announce a load balancer address") { loop throws in
      for (_, address) in due { try loop.kernel.announce(address) }
    }
  }

  /// Milliseconds until there is something to do; negative for no bound.
  private var patience: Int32 {
    guard let activeSince else { return isAtRest || plan.nodes.isEmpty ? -1 : 1000 }
    var next = min(nextHeartbeat, nextRefresh)
    if let deadline = membership.nextDeadline { next = min(next, deadline) }
    if !isCandidate, servicesAreInForce { next = min(next, activeSince + interval * Membership.patience) }
    if isCandidate, needsElection { next = min(next, electsFrom) }
    if let due = repeats.map(\.due).min() { next = min(next, due) }
    let (seconds, attoseconds) = (next - .now).components
    return Int32(clamping: max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1))
  }

  /// Does what may fail; it is tried again with the next refresh. A failure that goes on is logged once.
  /// - Returns: whether it went well.
  @discardableResult
  private mutating func attempt(_ what: String, _ body: (inout AnnouncerLoop) throws -> Void) -> Bool {
    do {
      try body(&self)
      failures = failures.filter { !$0.hasPrefix(what) }
      return true
    } catch {
      let failure = "\(what): \(error)"
      if failures.insert(failure).inserted { logger.error("\(failure)") }
      return false
    }
  }
}
