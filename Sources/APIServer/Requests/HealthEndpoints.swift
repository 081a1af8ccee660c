/// `/healthz`, `/livez` and `/readyz`, with upstream's names for the parts. The server answers nothing before its caches are
/// filled and its first objects are made, so each of them is well when it answers.
enum HealthEndpoints {
  private static let checks = [
    "ping", "log", "etcd", "poststarthook/start-kube-apiserver-admission-initializer",
    "poststarthook/generic-apiserver-start-informers", "poststarthook/priority-and-fairness-config-consumer",
    "poststarthook/priority-and-fairness-filter", "poststarthook/bootstrap-controller",
    "poststarthook/start-system-namespaces-controller", "poststarthook/rbac/bootstrap-roles",
    "poststarthook/scheduling/bootstrap-system-priority-classes",
    "poststarthook/priority-and-fairness-config-producer",
  ]
  private static let readiness = ["etcd-readiness", "informer-sync"]

  static func answer(path: String, query: QueryParameters) -> APIServerResponse {
    let parts = path.split(separator: "/", maxSplits: 1).map(String.init)
    let root = parts.first ?? "healthz"
    let checks = root == "readyz" ? Self.checks + readiness : Self.checks
    if parts.count == 2 {
      return checks.contains(parts[1])
        ? APIServerResponse(text: "ok") : APIServerResponse(text: "404 page not found\n", code: 404)
    }
    guard query["verbose"] != nil else { return APIServerResponse(text: "ok") }
    let excluded = Set(query.all("exclude"))
    let lines = checks.map { excluded.contains($0) ? "[+]\($0) excluded: ok\n" : "[+]\($0) ok\n" }.joined()
    let unknown = excluded.subtracting(checks).sorted().map { "\"\($0)\"" }.joined(separator: ", ")
    let note = unknown.isEmpty ? "" : "warn: some health checks cannot be excluded: no matches for \(unknown)\n"
    return APIServerResponse(text: "\(lines)\(note)\(root) check passed\n")
  }
}
