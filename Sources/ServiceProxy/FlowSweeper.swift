internal import Conntrack
internal import Logging
internal import Netlink
internal import NetworkTypes
internal import ServicePlan
internal import Synchronization

/// Makes the kernel forget UDP flows whose endpoint has gone: their next packet is then led to one that is there.
/// Without that a client that keeps sending from one port would reach nobody for as long as it goes on.
///
/// It works beside the programming, for listing flows may take longer than a change of endpoints. Requests that come
/// meanwhile are merged: the latest policy of an address counts.
final class FlowSweeper: Sendable {
  private let connection: ConntrackConnection
  private let logger: Logger
  private let waiting = Mutex<[ServiceAddress: FlowPolicy]>([:])
  private let wakeUps: AsyncStream<Void>
  private let wakeUp: AsyncStream<Void>.Continuation

  init(_ connection: ConntrackConnection, logger: Logger) {
    self.connection = connection
    self.logger = logger
    (wakeUps, wakeUp) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  func request(_ policies: [ServiceAddress: FlowPolicy]) {
    guard !policies.isEmpty else { return }
    waiting.withLock { $0.merge(policies) { _, later in later } }
    wakeUp.yield()
  }

  /// Runs until its task is cancelled.
  func run() async {
    for await _ in wakeUps {
      let policies = waiting.withLock { policies in
        defer { policies = [:] }
        return policies
      }
      do {
        let count = try sweep(policies)
        if count > 0 { logger.debug("forgot UDP flows whose endpoint has gone", metadata: ["flows": "\(count)"]) }
      } catch {
        // The flows end by themselves 30 to 120 s after their client falls silent.
        logger.warning("cannot forget UDP flows whose endpoint has gone: \(error)")
      }
    }
  }

  /// Beyond so many addresses one listing of everything is cheaper than one listing each.
  private static let singleListings = 8

  /// Returns how many flows were forgotten.
  func sweep(_ policies: [ServiceAddress: FlowPolicy]) throws(NetlinkError) -> Int {
    var flows: [ConntrackFlow] = []
    if policies.count <= Self.singleListings {
      for address in policies.keys {
        flows += try connection.flows(
          .udp, address.address.family, to: SocketEndpoint(address.address, address.port))
      }
    } else {
      for family in Set(policies.keys.map(\.address.family)) { flows += try connection.flows(.udp, family) }
    }
    let stale = flows.filter { flow in
      let address = ServiceAddress(flow.destination.address, .udp, flow.destination.port)
      guard let policy = policies[address] else { return false }
      return !policy.allows(answerSource: flow.answerSource)
    }
    return try connection.delete(stale)
  }
}
