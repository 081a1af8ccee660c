internal import KubernetesAPI
package import NetworkTypes
internal import Synchronization

/// What the Service proxy has done since its start, under the names that dashboards for kube-proxy ask for.
package final class ServiceProxyMetrics: Sendable {
  struct FamilyValues: Sendable {
    var syncs = Histogram.ofSync
    var networkProgramming = Histogram.ofProgramming
    var endpointChanges = 0
    var serviceChanges = 0
    var failures = 0
    var lastSync: Timestamp?
    var withoutLocalEndpoints = (inside: 0, outside: 0)
  }

  struct FlowValues: Sendable {
    var checks = Histogram.ofSync
    var forgotten = 0
    var foundByChecks = 0
  }

  struct Values: Sendable {
    var families: [IPAddress.Family: FamilyValues] = [:]
    var flows = FlowValues()
    var healthAnswers: [Int: Int] = [:]
    var liveAnswers: [Int: Int] = [:]
  }

  private let values = Mutex(Values())

  package init() {}

  var now: Values { values.withLock { $0 } }

  func update(_ family: IPAddress.Family, _ change: (inout FamilyValues) -> Void) {
    values.withLock { change(&$0.families[family, default: FamilyValues()]) }
  }

  func countForgottenFlows(_ count: Int) { values.withLock { $0.flows.forgotten += count } }

  func countFlowCheck(found: Int, taking duration: Duration) {
    values.withLock {
      $0.flows.checks.observe(duration)
      $0.flows.foundByChecks += found
    }
  }

  func countHealthAnswer(_ status: Int) { values.withLock { $0.healthAnswers[status, default: 0] += 1 } }
  func countLiveAnswer(_ status: Int) { values.withLock { $0.liveAnswers[status, default: 0] += 1 } }

  /// UDP flows that the checks found to lead to no endpoint, since the start.
  package var staleFlowsFoundByChecks: Int { values.withLock { $0.flows.foundByChecks } }
  /// Checks of all UDP flows since the start.
  package var flowChecks: Int { values.withLock { $0.flows.checks.total } }
}
