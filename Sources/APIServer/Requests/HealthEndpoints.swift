/// `/healthz`, `/livez` and `/readyz`, with upstream's names for the parts. The server answers nothing before its caches are
/// filled and its first objects are made, so that each of them but the store is well when it answers.
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
  private static let ofStore: Set<String> = ["etcd", "etcd-readiness"]

  /// - Parameter storeFault: what is wrong with the store, if anything is. Whoever asks is not told.
  static func answer(path: String, query: QueryParameters, storeFault: String?) -> APIServerResponse {
    let parts = path.split(separator: "/", maxSplits: 1).map(String.init)
    let root = parts.first ?? "healthz"
    let checks = root == "readyz" ? Self.checks + readiness : Self.checks
    func isWell(_ check: String) -> Bool { storeFault == nil || !ofStore.contains(check) }
    if parts.count == 2 {
      guard checks.contains(parts[1]) else { return APIServerResponse(text: "404 page not found\n", code: 404) }
      return isWell(parts[1])
        ? APIServerResponse(text: "ok")
        : APIServerResponse(text: "internal server error: reason withheld\n", code: 500)
    }
    let excluded = Set(query.all("exclude"))
    let areWell = checks.allSatisfy { excluded.contains($0) || isWell($0) }
    guard query["verbose"] != nil || !areWell else { return APIServerResponse(text: "ok") }
    let lines = checks.map { check in
      if excluded.contains(check) { return "[+]\(check) excluded: ok\n" }
      return isWell(check) ? "[+]\(check) ok\n" : "[-]\(check) failed: reason withheld\n"
    }.joined()
    let unknown = excluded.subtracting(checks).sorted().map { "\"\($0)\"" }.joined(separator: ", ")
    let note = unknown.isEmpty ? "" : "warn: some health checks cannot be excluded: no matches for \(unknown)\n"
    let end = "\(root) check \(areWell ? "passed" : "failed")\n"
    return APIServerResponse(text: "\(lines)\(note)\(end)", code: areWell ? 200 : 500)
  }
}
