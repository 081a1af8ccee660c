internal import KubernetesAPI
internal import NetworkTypes

extension ServiceProxyMetrics {
  /// All of them in Prometheus' text format.
  package var text: String {
    let values = now
    let families = values.families.sorted { $0.key.rawValue < $1.key.rawValue }
      .map { (labels: [("ip_family", $0.key.kubernetesName)], values: $0.value) }
    var writer = MetricsText()
    func histogram(_ name: String, _ help: String, _ histogram: (FamilyValues) -> Histogram) {
      writer.family(name, "histogram", help)
      for family in families { writer.histogram(name, family.labels, histogram(family.values)) }
    }
    func number(_ name: String, _ type: String, _ help: String, _ number: (FamilyValues) -> Int) {
      writer.family(name, type, help)
      for family in families { writer.sample(name, family.labels, number(family.values)) }
    }
    histogram("kubeproxy_sync_proxy_rules_duration_seconds", "Time one round of programming took") { $0.syncs }
    histogram(
      "kubeproxy_network_programming_duration_seconds",
      "Time from a change of pods or Services until the rules for it were in force"
    ) { $0.networkProgramming }
    number("kubeproxy_sync_proxy_rules_endpoint_changes_total", "counter", "Changes of endpoints") {
      $0.endpointChanges
    }
    number("kubeproxy_sync_proxy_rules_service_changes_total", "counter", "Changes of Services") { $0.serviceChanges }
    number("kubeproxy_sync_proxy_rules_nftables_sync_failures_total", "counter", "Rounds the kernel refused") {
      $0.failures
    }
    number("kubeproxy_sync_proxy_rules_last_timestamp_seconds", "gauge", "When a round last succeeded") {
      Int($0.lastSync?.seconds ?? 0)
    }
    let noLocal = "kubeproxy_sync_proxy_rules_no_local_endpoints_total"
    writer.family(noLocal, "gauge", "Service ports with a Local traffic policy and no endpoint on this node")
    for family in families {
      let counts = family.values.withoutLocalEndpoints
      writer.sample(noLocal, family.labels + [("traffic_policy", "internal")], counts.inside)
      writer.sample(noLocal, family.labels + [("traffic_policy", "external")], counts.outside)
    }
    writeFlows(values.flows, to: &writer)
    for (name, answers) in [("healthz", values.healthAnswers), ("livez", values.liveAnswers)] {
      writer.family("kubeproxy_proxy_\(name)_total", "counter", "Answers about the proxy's health at /\(name)")
      for (code, count) in answers.sorted(by: { $0.key < $1.key }) {
        writer.sample("kubeproxy_proxy_\(name)_total", [("code", "\(code)")], count)
      }
    }
    return writer.text
  }

  private func writeFlows(_ flows: FlowValues, to writer: inout MetricsText) {
    writer.family(
      "kubeproxy_conntrack_reconciler_sync_duration_seconds", "histogram", "Time a check of all UDP flows took")
    writer.histogram("kubeproxy_conntrack_reconciler_sync_duration_seconds", [], flows.checks)
    writer.family(
      "kubeproxy_conntrack_reconciler_deleted_entries_total", "counter", "UDP flows forgotten, their endpoint gone")
    writer.sample("kubeproxy_conntrack_reconciler_deleted_entries_total", [], flows.forgotten)
    writer.family(
      "switchboard_conntrack_stale_entries_found_total", "counter",
      "UDP flows without an endpoint that a check found, not the change that made them so")
    writer.sample("switchboard_conntrack_stale_entries_found_total", [], flows.foundByChecks)
  }
}
