/// `/healthz`, `/livez` and `/readyz`. The server answers nothing before its caches are filled, so it is ready when it
/// answers.
enum HealthEndpoints {
  private static let checks = ["ping", "log", "store", "watch-cache"]

  static func answer(path: String, query: QueryParameters) -> APIServerResponse {
    let parts = path.split(separator: "/").map(String.init)
    if parts.count == 2 {
      return checks.contains(parts[1])
        ? APIServerResponse(text: "ok") : APIServerResponse(text: "404 page not found\n", code: 404)
    }
    guard query["verbose"] != nil else { return APIServerResponse(text: "ok") }
    let lines = checks.map { "[+]\($0) ok\n" }.joined()
    return APIServerResponse(text: "\(lines)\(parts.first ?? "healthz") check passed\n")
  }
}
