import ClusterModel
import KubernetesAPI
import NetworkTypes
import Testing

@testable import ServiceProxy

@Suite struct MetricsTests {
  @Test func histogramsCountUpToEachBound() {
    let metrics = ServiceProxyMetrics()
    metrics.update(.v4) {
      $0.networkProgramming.observe(.milliseconds(250))
      $0.networkProgramming.observe(.milliseconds(700))
      $0.networkProgramming.observe(.seconds(600))
    }
    let text = metrics.text
    let name = "kubeproxy_network_programming_duration_seconds"
    for line in [
      "# TYPE \(name) histogram", "\(name)_bucket{ip_family=\"IPv4\",le=\"0.25\"} 1",
      "\(name)_bucket{ip_family=\"IPv4\",le=\"0.5\"} 1", "\(name)_bucket{ip_family=\"IPv4\",le=\"1\"} 2",
      "\(name)_bucket{ip_family=\"IPv4\",le=\"300\"} 2", "\(name)_bucket{ip_family=\"IPv4\",le=\"+Inf\"} 3",
      "\(name)_sum{ip_family=\"IPv4\"} 600.95", "\(name)_count{ip_family=\"IPv4\"} 3",
    ] { #expect(text.contains(line + "\n"), "\(line)") }
  }

  @Test func triggersAreCountedOnceAndOnlyThoseSinceTheStart() {
    func slice(_ name: String, _ seconds: Int64?) -> ClusterEvent {
      var model = EndpointSliceModel(name: ServiceProxyTests.name(name))
      model.service = ServiceProxyTests.name("web")
      model.changeTrigger = seconds.map { Timestamp(seconds: $0) }
      return .endpointSlice(model)
    }
    var triggers = ChangeTriggers(.v4, start: Timestamp(seconds: 100))
    var snapshot = ClusterSnapshot()
    func news(_ events: ClusterEvent...) -> [Int64] {
      var change = ClusterChange()
      for event in events { change.merge(snapshot.apply(event)) }
      return triggers.news(in: ClusterUpdate(snapshot: snapshot, change: change, isFirst: false)).map(\.seconds)
    }
    #expect(news(slice("a", 99), slice("b", nil)) == [])
    #expect(news(slice("a", 101)) == [101])
    #expect(news(slice("b", 102)) == [102])
    #expect(news(.endpointSliceRemoved(name("a"))) == [])
    #expect(news(slice("a", 101)) == [101])
  }
}
