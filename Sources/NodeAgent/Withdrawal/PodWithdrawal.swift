package import APIClient
package import ClusterModel
package import KubernetesAPI
package import Logging
import Synchronization

/// Keeps a pod that ends in service until no node sends anything new to it.
///
/// A pod that is told to end at once refuses connections that nodes still send to it, for as long as its withdrawal takes
/// to reach them. So its containers get their signal only when every live node has acknowledged the withdrawal, or when
/// the bound is over, whichever comes first.
package final class PodWithdrawal: Sendable {
  private struct State {
    var places: EndpointPlaces
    var isRead = false
    var waiters: [Int: AsyncStream<Void>.Continuation] = [:]
    var nextWaiter = 0
  }

  /// The longest that the signal is withheld; zero: never.
  package let bound: Duration
  /// What this node itself has in force, for its Lease.
  package let inForce: WithdrawalsInForce
  private let feed: ClusterFeed
  private let acknowledgements: NodeAcknowledgements
  private let state: Mutex<State>

  /// - Parameter client: under an identity that may read the nodes' Leases.
  package init(
    nodeName: String, bound: Duration, feed: ClusterFeed, inForce: WithdrawalsInForce, client: APIClient,
    logger: Logger, now: @escaping @Sendable () -> Timestamp = { .now }
  ) {
    self.bound = bound
    self.feed = feed
    self.inForce = inForce
    acknowledgements = NodeAcknowledgements(client: client, now: now, logger: logger)
    state = Mutex(State(places: EndpointPlaces(nodeName: nodeName)))
  }

  /// Follows the cluster until the task is cancelled or the feed ends.
  func run() async {
    let subscription = feed.subscribe()
    while let update = await subscription.next() {
      let waiters = state.withLock { state in
        state.places.update(update)
        state.isRead = true
        return Array(state.waiters.values)
      }
      for waiter in waiters { waiter.yield() }
    }
  }

  /// Returns once no live node sends anything new to the pod because of a Service, or the task is cancelled.
  func wait(for pod: ObjectName) async {
    guard state.withLock({ $0.isRead && $0.places.isMissed(pod) }) else { return }
    guard let revision = await withdrawalRevision(of: pod) else { return }
    await acknowledgements.wait(for: revision)
  }

  /// Waits for the slices to say that the pod is not to be chosen; `nil` where the task was cancelled before.
  private func withdrawalRevision(of pod: ObjectName) async -> UInt64? {
    let (changes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let key = state.withLock { state in
      state.nextWaiter += 1
      state.waiters[state.nextWaiter] = continuation
      return state.nextWaiter
    }
    defer { state.withLock { state in state.waiters[key] = nil } }
    continuation.yield()
    for await _ in changes {
      let revision = state.withLock { $0.places.isChosen(pod) ? nil : $0.places.snapshot.withdrawal }
      if let revision { return revision }
    }
    return nil
  }
}
