internal import Conntrack
internal import LinuxKernel
internal import Logging
internal import Netlink
internal import NetworkTypes
internal import PolicyPlan
internal import Synchronization

/// Makes the kernel forget flows that policies forbid since they were let in. What comes of such a flow then is judged as
/// if it opened one; TCP's does not even do that (`nf_conntrack_tcp_loose=0`).
///
/// A verdict has to stand for a while: a policy that is replaced, or an agent that starts, cuts nothing.
final class FlowCutter: Sendable {
  private struct State {
    var judges: [IPAddress.Family: PolicyJudge] = [:]
    /// Counts the changes of judges.
    var changes = 0
    /// Since when flows have been forbidden, without a moment in between in which they were not.
    var suspects: [ConntrackFlow: ContinuousClock.Instant] = [:]
    var nodeAddresses: Set<IPAddress> = []

    func flows(_ family: IPAddress.Family) -> LocalFlows? {
      judges[family].map { LocalFlows($0, nodeAddresses: nodeAddresses) }
    }
  }

  private let configuration: PolicyEnforcer.Configuration
  private let connection: ConntrackConnection
  private let routes: RouteSocket
  private let logger: Logger
  private let state = Mutex(State())
  private let wakeUps: AsyncStream<Void>
  private let wakeUp: AsyncStream<Void>.Continuation

  init(_ configuration: PolicyEnforcer.Configuration, logger: Logger) throws {
    self.configuration = configuration
    connection = try ConntrackConnection(in: configuration.namespace)
    routes = try RouteSocket(in: configuration.namespace)
    self.logger = logger
    (wakeUps, wakeUp) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  /// Says what is in force for a family from now on; `nil` where no pod here is isolated. What is allowed by it is no
  /// suspect any more, however short it is in force.
  func judge(by judge: PolicyJudge?, _ family: IPAddress.Family) {
    guard configuration.cutsFlows else { return }
    state.withLock { state in
      state.judges[family] = judge
      state.changes += 1
      guard !state.suspects.isEmpty else { return }
      let flows = state.flows(family)
      state.suspects = state.suspects.filter {
        $0.key.source.address.family != family || flows?.forbids($0.key) ?? false
      }
    }
    wakeUp.yield()
  }

  /// Looks so many times while a verdict settles.
  private static let looks = 4

  /// Runs until its task is cancelled.
  func run() async {
    for await _ in wakeUps {
      var isWaiting = true
      while isWaiting {
        let hasSeen = await look()
        isWaiting = state.withLock { !$0.suspects.isEmpty }
        // That a verdict stands is a matter of time, which nothing tells of; and one look serves all changes of that while.
        let pause = hasSeen ? configuration.settlingTime / Self.looks : configuration.settlingTime * Self.looks
        // Ends with the sleep that is cancelled.
        if (try? await Task.sleep(for: pause)) == nil { return }
      }
    }
  }

  /// Forgets the flows that have been forbidden for the settling time, and notes the others that are forbidden now.
  /// - Returns: false where the kernel does not say which there are.
  private func look() async -> Bool {
    do {
      try await BlockingThread.run { [self] in
        let nodeAddresses = Set(try routes.addresses().map(\.address))
        let (judges, changes) = state.withLock { state in
          state.nodeAddresses = nodeAddresses
          return (state.judges, state.changes)
        }
        var forbidden: [ConntrackFlow] = []
        for (family, judge) in judges {
          let local = LocalFlows(judge, nodeAddresses: nodeAddresses)
          guard local.canForbid(family) else { continue }
          for transport in [TransportProtocol.tcp, .udp, .sctp] {
            forbidden += try connection.flows(transport, family).filter(local.forbids)
          }
        }
        try settle(forbidden, changes)
      }
      return true
    } catch {
      logger.warning("cannot cut flows that policies forbid, trying again: \(error)")
      // Asked for again even where nothing was suspected yet.
      wakeUp.yield()
      return false
    }
  }

  /// Takes in what was found to be forbidden, by the judges after as many changes. Under the lock, so that no verdict
  /// changes while flows are cut by it.
  private func settle(_ forbidden: [ConntrackFlow], _ changes: Int) throws {
    let count = try state.withLock { state in
      var forbidden = forbidden
      if state.changes != changes {
        let judged = Dictionary(uniqueKeysWithValues: state.judges.keys.map { ($0, state.flows($0)) })
        forbidden = forbidden.filter { judged[$0.source.address.family]??.forbids($0) ?? false }
      }
      let now = ContinuousClock.now
      var (suspects, standing): ([ConntrackFlow: ContinuousClock.Instant], [ConntrackFlow]) = ([:], [])
      for flow in forbidden {
        let since = state.suspects[flow] ?? now
        if now - since >= configuration.settlingTime { standing.append(flow) } else { suspects[flow] = since }
      }
      state.suspects = suspects
      return try connection.delete(standing)
    }
    if count > 0 { logger.info("cut flows that policies forbid now", metadata: ["flows": "\(count)"]) }
  }
}
