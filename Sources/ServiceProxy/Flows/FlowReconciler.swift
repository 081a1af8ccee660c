internal import Conntrack
internal import LinuxKernel
internal import Logging
internal import Netlink
internal import NetworkTypes
internal import ServicePlan
internal import Synchronization

/// Makes the kernel forget UDP flows whose endpoint has gone: their next packet is then led to one that is there.
/// Without that a client that keeps sending from one port would reach nobody for as long as it goes on.
///
/// It works beside the programming, for listing flows may take longer than a change of endpoints: at once for
/// addresses that lost an endpoint, and every so often for all, whatever the reason a flow is stale.
final class FlowReconciler: Sendable {
  private struct State {
    var book = FlowBook()
    var waiting: Set<ServiceAddress> = []
  }

  private let connection: ConntrackConnection
  private let interval: Duration
  private let metrics: ServiceProxyMetrics
  private let logger: Logger
  private let state = Mutex(State())
  private let wakeUps: AsyncStream<Void>
  private let wakeUp: AsyncStream<Void>.Continuation

  init(_ connection: ConntrackConnection, interval: Duration, metrics: ServiceProxyMetrics, logger: Logger) {
    self.connection = connection
    self.interval = interval
    self.metrics = metrics
    self.logger = logger
    (wakeUps, wakeUp) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  /// Tells what is about to be in force: before the commit, so that no check takes a new endpoint's flow for stale.
  func expect(_ change: (inout FlowBook) -> Void) { state.withLock { change(&$0.book) } }

  /// Asks for a look at the flows to these addresses, after the commit.
  func request(_ addresses: Set<ServiceAddress>) {
    guard !addresses.isEmpty else { return }
    state.withLock { $0.waiting.formUnion(addresses) }
    wakeUp.yield()
  }

  /// Runs until its task is cancelled.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [self] in
        for await _ in wakeUps {
          let addresses = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
          }
          await attempt { [self] in try sweep(addresses) }
        }
      }
      group.addTask { [self] in
        // By the clock, whatever the reason a flow is stale. Ends with the sleep that is cancelled.
        while (try? await Task.sleep(for: interval)) != nil {
          await attempt { [self] in try check() }
        }
      }
    }
  }

  /// Listing flows takes as long as there are flows: no thread that others wait for is to do it.
  private func attempt(_ work: @escaping @Sendable () throws -> Void) async {
    do {
      try await BlockingThread.run(work)
    } catch {
      // The next check tries again; the flows end by themselves 30 to 120 s after their client falls silent.
      logger.warning("cannot forget UDP flows whose endpoint has gone: \(error)")
    }
  }

  /// Beyond so many addresses one listing of everything is cheaper than one listing each.
  private static let singleListings = 8

  private func sweep(_ addresses: Set<ServiceAddress>) throws(NetlinkError) {
    var flows: [ConntrackFlow] = []
    if addresses.count <= Self.singleListings {
      for address in addresses {
        flows += try connection.flows(
          .udp, address.address.family, to: SocketEndpoint(address.address, address.port))
      }
    } else {
      for family in Set(addresses.map(\.address.family)) { flows += try connection.flows(.udp, family) }
    }
    let count = try forget(flows)
    if count > 0 { logger.debug("forgot UDP flows whose endpoint has gone", metadata: ["flows": "\(count)"]) }
  }

  /// Looks at all flows. What it finds the sweeps should have found: it is counted apart.
  private func check() throws(NetlinkError) {
    let clock = ContinuousClock()
    let start = clock.now
    var flows: [ConntrackFlow] = []
    for family in state.withLock({ $0.book.families }) { flows += try connection.flows(.udp, family) }
    let count = try forget(flows)
    state.withLock { $0.book.countCheck() }
    metrics.countFlowCheck(found: count, taking: clock.now - start)
    if count > 0 { logger.info("found UDP flows that lead to no endpoint", metadata: ["flows": "\(count)"]) }
  }

  private func forget(_ flows: [ConntrackFlow]) throws(NetlinkError) -> Int {
    // Taken after the listing; what a change of Services waits for is not held meanwhile.
    let book = state.withLock { $0.book }
    let stale = flows.filter { book.isStale($0) }
    let count = try connection.delete(stale)
    metrics.countForgottenFlows(count)
    return count
  }
}
