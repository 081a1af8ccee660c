internal import KubernetesAPI
internal import ServicePlan

/// An answer to whoever asks about health, with upstream's bodies.
struct HealthAnswer: Hashable, Sendable {
  let status: Int
  let body: String
  var headers: [String: String] = [:]

  static let notFound = HealthAnswer(status: 404, body: "404 page not found\n")

  /// A load balancer's question whether this node has endpoints of a Service; the weight says how many.
  init(_ check: HealthCheck, isProxyHealthy: Bool) {
    status = check.localEndpoints > 0 && isProxyHealthy ? 200 : 503
    body = """
      {
      \t"service": {
      \t\t"namespace": "\(check.service.namespace)",
      \t\t"name": "\(check.service.name)"
      \t},
      \t"localEndpoints": \(check.localEndpoints),
      \t"serviceProxyHealthy": \(isProxyHealthy)
      }
      """
    headers = [
      "Content-Type": "application/json", "X-Content-Type-Options": "nosniff",
      "X-Load-Balancing-Endpoint-Weight": "\(check.localEndpoints)",
    ]
  }

  /// A load balancer's question whether the node is to get traffic at all: not while it is being deleted.
  static func node(_ report: ProxyHealth.Report, now: Timestamp) -> HealthAnswer {
    HealthAnswer(
      status: report.isHealthy && report.isNodeEligible ? 200 : 503,
      body: """
        {"lastUpdated": "\(text(report.lastUpdate))","currentTime": "\(now)", "nodeEligible": \(report.isNodeEligible)}
        """, headers: headersOfNode)
  }

  /// Whether the proxy itself works, whatever becomes of its node.
  static func proxy(_ report: ProxyHealth.Report, now: Timestamp) -> HealthAnswer {
    HealthAnswer(
      status: report.isHealthy ? 200 : 503,
      body: "{\"lastUpdated\": \"\(text(report.lastUpdate))\",\"currentTime\": \"\(now)\"}", headers: headersOfNode)
  }

  private static let headersOfNode = ["Content-Type": "application/json", "X-Content-Type-Options": "nosniff"]

  private static func text(_ moment: Timestamp?) -> String { moment?.description ?? "" }

  private init(status: Int, body: String, headers: [String: String] = [:]) {
    self.status = status
    self.body = body
    self.headers = headers
  }
}
