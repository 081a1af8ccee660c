internal import ClusterModel
internal import Conntrack
internal import LinuxKernel
internal import Logging
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
    var hasChanged = false
  }

  private let configuration: PolicyEnforcer.Configuration
  private let connection: ConntrackConnection
  private let logger: Logger
  private let state = Mutex(State())
  private let wakeUps: AsyncStream<Void>
  private let wakeUp: AsyncStream<Void>.Continuation

  init(_ configuration: PolicyEnforcer.Configuration, _ connection: ConntrackConnection, logger: Logger) {
    self.configuration = configuration
    self.connection = connection
    self.logger = logger
    (wakeUps, wakeUp) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  /// Says what is in force for a family from now on.
  func judge(by judge: PolicyJudge, _ family: IPAddress.Family) {
    guard configuration.cutsFlows else { return }
    state.withLock { $0.judges[family] = judge }
    wakeUp.yield()
  }

  /// Runs until its task is cancelled.
  func run() async {
    // Flows that were forbidden at the last look, by a verdict that stands for the settling time when they are again.
    var suspects: Set<ConntrackFlow> = []
    for await _ in wakeUps {
      repeat {
        suspects = await look(sparing: suspects)
        // Ends with the sleep that is cancelled.
        if !suspects.isEmpty, (try? await Task.sleep(for: configuration.settlingTime)) == nil { return }
      } while !suspects.isEmpty
    }
  }

  /// Forgets the forbidden flows that were so before, and returns those that are new.
  private func look(sparing former: Set<ConntrackFlow>) async -> Set<ConntrackFlow> {
    let judges = state.withLock { $0.judges }
    let (connection, logger, nodeName) = (connection, logger, configuration.nodeName)
    do {
      return try await BlockingThread.run {
        var fresh: Set<ConntrackFlow> = []
        for (family, judge) in judges {
          let pods = LocalFlows(judge, family, nodeName: nodeName)
          guard !pods.isEmpty else { continue }
          let flows = try [.tcp, .udp, .sctp].flatMap { try connection.flows($0, family) }
          let forbidden = flows.filter { pods.forbids($0) }
          let standing = forbidden.filter { former.contains($0) }
          fresh.formUnion(forbidden.filter { !former.contains($0) })
          let count = try connection.delete(standing)
          if count > 0 { logger.info("cut flows that policies forbid now", metadata: ["flows": "\(count)"]) }
        }
        return fresh
      }
    } catch {
      // The next change tries again; new flows are judged whatever becomes of the old ones.
      logger.warning("cannot cut flows that policies forbid: \(error)")
      return []
    }
  }
}
