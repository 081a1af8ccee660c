internal import KubernetesAPI
internal import NetworkTypes
internal import Synchronization

/// Whether this proxy keeps up with the cluster, and whether its node is to get traffic from outside.
package final class ProxyHealth: Sendable {
  private struct State {
    var isNodeEligible = true
    /// Since when a change waits to be in force.
    var waitingSince: [IPAddress.Family: ContinuousClock.Instant] = [:]
    var lastUpdate: [IPAddress.Family: Timestamp] = [:]
  }

  /// A change that waits longer than this has run into something.
  static let patience = Duration.seconds(60)

  private let families: Set<IPAddress.Family>
  private let state: Mutex<State>

  init(_ families: Set<IPAddress.Family>) {
    self.families = families
    state = Mutex(State())
  }

  func begin(_ family: IPAddress.Family, at instant: ContinuousClock.Instant) {
    state.withLock { if $0.waitingSince[family] == nil { $0.waitingSince[family] = instant } }
  }

  func end(_ family: IPAddress.Family) {
    state.withLock {
      $0.waitingSince[family] = nil
      $0.lastUpdate[family] = .now
    }
  }

  func setNodeEligible(_ isEligible: Bool) { state.withLock { $0.isNodeEligible = isEligible } }

  struct Report: Hashable, Sendable {
    let isHealthy: Bool
    let isNodeEligible: Bool
    let lastUpdate: Timestamp?
  }

  func report(at instant: ContinuousClock.Instant = .now) -> Report {
    state.withLock { state in
      let isCurrent = state.waitingSince.values.allSatisfy { instant - $0 < Self.patience }
      let isComplete = families.allSatisfy { state.lastUpdate[$0] != nil }
      return Report(
        isHealthy: isCurrent && isComplete, isNodeEligible: state.isNodeEligible,
        lastUpdate: state.lastUpdate.values.min())
    }
  }
}
