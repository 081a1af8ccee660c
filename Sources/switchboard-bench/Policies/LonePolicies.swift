import ClusterModel
import LinuxKernel
import Logging
import NetworkTypes
import PolicyEnforcer

/// A node's policy enforcement without a cluster around: it is told what an agent's informers would tell.
enum LonePolicies {
  private static let limit = Duration.seconds(120)

  /// What a running one is told by, and says.
  struct Running: Sendable {
    let feed: ClusterFeed
    private let inForce: SnapshotsInForce

    fileprivate init(_ feed: ClusterFeed, _ inForce: SnapshotsInForce) {
      self.feed = feed
      self.inForce = inForce
    }

    /// Tells it of changes.
    /// - Returns: how long it took until a state that meets the condition was in force.
    func apply(
      _ events: [ClusterEvent], until condition: @escaping @Sendable (ClusterSnapshot) -> Bool
    ) async throws -> Duration {
      let begin = ContinuousClock.now
      feed.apply(events)
      guard await inForce.wait(atMost: .seconds(20), until: condition) else {
        throw BenchError(.timedOut, "a change of policies is not in force after 20 s")
      }
      return .now - begin
    }
  }

  /// Runs the enforcement of a node over `events` while `body` does, which begins once they are in force.
  static func run<Value: Sendable>(
    _ events: [ClusterEvent], in namespace: NetworkNamespace? = nil,
    _ body: @escaping @Sendable (Running) async throws -> Value
  ) async throws -> Value {
    let feed = ClusterFeed()
    feed.apply(events)
    var configuration = PolicyEnforcer.Configuration(nodeName: PolicyPopulation.nodeName)
    configuration.families = [.v4]
    configuration.namespace = namespace
    let inForce = SnapshotsInForce(parts: PolicyEnforcer.parts(of: configuration))
    var logger = Logger(label: "switchboard.bench")
    logger.logLevel = .warning
    let enforcer = PolicyEnforcer(configuration, feed: feed, inForce: inForce, logger: logger)
    return try await Deadline.run(limit, "policies by themselves") {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await enforcer.run() }
        feed.markSynced()
        let running = Running(feed, inForce)
        _ = try await running.apply([]) { _ in true }
        let value = try await body(running)
        feed.finish()
        try await group.waitForAll()
        return value
      }
    }
  }
}
