package import ClusterModel
internal import Conntrack
internal import KubernetesAPI
internal import LinuxKernel
package import Logging
internal import Netlink
internal import PacketLog
internal import PolicyPlan
internal import ServiceLifecycle
internal import Synchronization

/// Keeps a bounded book of this node's connections, from the kernel's own events, and of what policies dropped, from the
/// kernel's log of it; each with the names and verdicts of the moment it was seen.
///
/// It looks at connections, not at packets: what is allowed costs nothing more than an event at its beginning and at its
/// end. What the book misses it counts, and says so to whoever asks. It never ends the agent: where it cannot listen it says
/// that too, and tries again.
package final class FlowLog: Service {
  /// How many packets the kernel's policies have denied, and of how many of them its log was told.
  package typealias DeniedPackets = @Sendable () throws -> (denied: UInt64, told: UInt64)

  struct State {
    var book = FlowBook()
    var loss: FlowLoss
    var tally = DenialTally()
    /// Why something cannot be seen at the moment, by what it is.
    var reasons: [Source: String] = [
      .cluster: "has not read the cluster yet", .connections: "does not hear of connections yet",
      .drops: "does not hear of dropped packets yet",
    ]
    var followers: [Int: Follower] = [:]
    var nextFollower = 0
  }

  enum Source: Int, Hashable {
    case cluster
    case connections
    case drops
    case counters
  }

  struct Follower {
    let filter: NodeFilter
    let queue: EventQueue<FlowRecord>
    /// Records that it was too slow to take.
    var lost = 0
  }

  let configuration: Configuration
  let logger: Logger
  let state: Mutex<State>
  let names: Mutex<FlowNames>
  private let feed: ClusterFeed
  private let deniedPackets: DeniedPackets

  /// - Parameter deniedPackets: asked now and then, on a thread that may block.
  package init(
    _ configuration: Configuration, feed: ClusterFeed, deniedPackets: @escaping DeniedPackets, logger: Logger
  ) {
    self.configuration = configuration
    self.feed = feed
    self.deniedPackets = deniedPackets
    self.logger = logger
    state = Mutex(State(loss: FlowLoss(node: configuration.nodeName)))
    names = Mutex(
      FlowNames(nodeName: configuration.nodeName, nameServerAddresses: configuration.nameServerAddresses))
  }

  /// Runs until the feed ends or the group shuts down.
  package func run() async throws {
    try await cancelWhenGracefulShutdown {
      let subscription = self.feed.subscribe()
      // Nobody has a name before.
      guard let first = await subscription.next() else { return }
      self.names.withLock { $0.apply(first) }
      self.note(.cluster, nil)
      // What was denied before is nobody's loss.
      await self.countDenials()
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          while let update = await subscription.next() { self.names.withLock { $0.apply(update) } }
        }
        group.addTask { await self.retrying(.connections) { try await self.followConnections() } }
        if let logGroup = self.configuration.logGroup {
          group.addTask { await self.retrying(.drops) { try await self.followDrops(logGroup) } }
        } else {
          // Nothing to be tried again: as long as the agent runs the kernel is the same.
          self.note(.drops, "the kernel has no log of packets (nfnetlink_log): what policies drop is not shown")
        }
        group.addTask { await self.check() }
        // The feed's end; the others end by cancellation only.
        await group.next()
        group.cancelAll()
      }
    }
  }

  /// Says why something cannot be seen, or that it can.
  func note(_ source: Source, _ reason: String?) { state.withLock { $0.reasons[source] = reason } }

  /// Tries again after a while what ends by an error, until the task is cancelled.
  private func retrying(_ source: Source, _ work: @Sendable () async throws -> Void) async {
    while !Task.isCancelled {
      do {
        try await work()
      } catch {
        if Task.isCancelled { return }
        state.withLock { state in
          // It could be heard until now; whatever comes until it can be heard again is missing.
          if state.reasons.updateValue("\(error)", forKey: source) == nil { state.loss.uncounted += 1 }
        }
        logger.error("cannot see \(source == .drops ? "dropped packets" : "connections"), trying again: \(error)")
      }
      // Ends with the sleep that is cancelled. Whoever holds the group may go, and nothing tells of it.
      if (try? await Task.sleep(for: configuration.checkInterval)) == nil { return }
    }
  }

  private func check() async {
    // Ends with the sleep that is cancelled. Events that are lost and counters that grow tell of nothing.
    while (try? await Task.sleep(for: configuration.checkInterval)) != nil { await look() }
  }

  /// Sees to what no event tells: connections whose events were lost, what live ones have carried by now, and how many
  /// packets were denied.
  func look() async {
    await listConnections()
    await countDenials()
  }

  func countDenials() async {
    do {
      let packets = try await BlockingThread.run(deniedPackets)
      state.withLock { state in
        state.tally.add(denied: packets.denied, told: packets.told)
        state.reasons[.counters] = nil
      }
    } catch {
      note(.counters, "the kernel does not say how many packets policies denied: \(error)")
    }
  }

  // MARK: Drops

  private func followDrops(_ group: UInt16) async throws {
    let log: PacketLog
    do {
      log = try PacketLog(group: group, in: configuration.namespace)
    } catch  where PacketLog.isTaken(error) {
      throw FlowLogError("another program reads NFLOG group \(group): what policies drop is not shown")
    }
    note(.drops, nil)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await log.run() }
      tasks.addTask { while let batch = await log.next() { self.take(batch) } }
      // The first that fails ends the other.
      for try await _ in tasks {}
    }
  }

  private func take(_ batch: EventBatch<LoggedPacket>) {
    let names = names.withLock { $0 }
    let records = batch.events.compactMap { packet in
      PolicyDirection(denialMark: packet.prefix).map { names.record(packet, $0) }
    }
    tell { state in
      state.loss.packets += batch.loss.total
      state.loss.uncounted += batch.loss.uncounted
      return records.compactMap { state.book.drop($0) }
    }
  }

  /// Changes the book and tells whoever follows what came of it, outside the lock.
  func tell(_ change: (inout State) -> [FlowRecord]) {
    let (records, followers) = state.withLock { state in
      let records = change(&state)
      return (records, records.isEmpty ? [] : Array(state.followers.values))
    }
    if followers.isEmpty { return }
    let snapshot = names.withLock(\.snapshot)
    for follower in followers { follower.queue.put(records.filter { follower.filter.takes($0, snapshot) }) }
  }
}

/// What keeps the node from seeing its flows.
struct FlowLogError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
