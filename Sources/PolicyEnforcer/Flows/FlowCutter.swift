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
  private let configuration: PolicyEnforcer.Configuration
  private let connection: ConntrackConnection
  private let routes: RouteSocket
  private let logger: Logger
  private let judges = Mutex<[IPAddress.Family: PolicyJudge]>([:])
  private let wakeUps: AsyncStream<Void>
  private let wakeUp: AsyncStream<Void>.Continuation

  init(_ configuration: PolicyEnforcer.Configuration, logger: Logger) throws {
    self.configuration = configuration
    connection = try ConntrackConnection(in: configuration.namespace)
    routes = try RouteSocket(in: configuration.namespace)
    self.logger = logger
    (wakeUps, wakeUp) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  /// Says what is in force for a family from now on; `nil` where no pod here is isolated.
  func judge(by judge: PolicyJudge?, _ family: IPAddress.Family) {
    guard configuration.cutsFlows else { return }
    judges.withLock { $0[family] = judge }
    wakeUp.yield()
  }

  /// Looks again so many times while a verdict settles: what is allowed in between is no suspect any more.
  private static let looks = 4

  /// Runs until its task is cancelled.
  func run() async {
    // Since when flows have been forbidden at every look.
    var suspects: [ConntrackFlow: ContinuousClock.Instant] = [:]
    for await _ in wakeUps {
      repeat {
        let seen = await look(suspects)
        if let seen { suspects = seen }
        // That a verdict stands is a matter of time, which nothing tells of; and one look serves all changes of that while.
        let pause = seen == nil ? configuration.settlingTime * Self.looks : configuration.settlingTime / Self.looks
        // Ends with the sleep that is cancelled.
        if (try? await Task.sleep(for: pause)) == nil { return }
      } while !suspects.isEmpty
    }
  }

  /// Forgets the flows that have been forbidden for the settling time, and returns the others that are forbidden now; `nil`
  /// where the kernel does not say.
  private func look(
    _ former: [ConntrackFlow: ContinuousClock.Instant]
  ) async -> [ConntrackFlow: ContinuousClock.Instant]? {
    let judges = judges.withLock { $0 }
    let (connection, routes, logger, settlingTime) = (connection, routes, logger, configuration.settlingTime)
    do {
      return try await BlockingThread.run {
        var suspects: [ConntrackFlow: ContinuousClock.Instant] = [:]
        let nodeAddresses = Set(try routes.addresses().map(\.address))
        for (family, judge) in judges {
          let pods = LocalFlows(judge, family, nodeAddresses: nodeAddresses)
          guard !pods.isEmpty else { continue }
          let flows = try [.tcp, .udp, .sctp].flatMap { try connection.flows($0, family) }
          let now = ContinuousClock.now
          var standing: [ConntrackFlow] = []
          for flow in flows where pods.forbids(flow) {
            let since = former[flow] ?? now
            if now - since >= settlingTime { standing.append(flow) } else { suspects[flow] = since }
          }
          let count = try connection.delete(standing)
          if count > 0 { logger.info("cut flows that policies forbid now", metadata: ["flows": "\(count)"]) }
        }
        return suspects
      }
    } catch {
      logger.warning("cannot cut flows that policies forbid, trying again: \(error)")
      // Asked for again even where nothing was suspected yet.
      wakeUp.yield()
      return nil
    }
  }
}
