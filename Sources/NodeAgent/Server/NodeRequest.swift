import NIOHTTP1
import NetworkTypes

/// A request to the node's server, taken apart.
struct NodeRequest: Sendable {
  enum Route: Sendable, Hashable {
    case healthz
    case metrics
    case service(namespace: String, name: String)
    /// A part of an explanation: what of it this node knows.
    case explain(part: String)
    /// Connections and drops, as lines of JSON.
    case flows
    case pods
    /// Those of which something runs.
    case runningPods
    case configuration
    /// The node's own; the path is below their folder.
    case systemLogs(path: String)
    case logs(namespace: String, pod: String, container: String)
    case exec(namespace: String, pod: String, container: String)
    case attach(namespace: String, pod: String, container: String)
    case portForward(namespace: String, pod: String)
    case unknown
  }

  let route: Route
  let query: [String: [String]]

  init(uri: String) {
    let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = parts[0].split(separator: "/").map { PercentEncoding.decode($0) }
    var query: [String: [String]] = [:]
    for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = sides.count > 1 ? PercentEncoding.decode(sides[1], plusIsSpace: true) : ""
      query[PercentEncoding.decode(sides[0], plusIsSpace: true), default: []].append(value)
    }
    self.query = query
    switch (path.first, path.count) {
    case ("healthz", 1): route = .healthz
    case ("metrics", 1): route = .metrics
    case ("services", 3): route = .service(namespace: path[1], name: path[2])
    case ("explain", 2): route = .explain(part: path[1])
    case ("flows", 1): route = .flows
    case ("pods", 1): route = .pods
    case ("runningpods", 1): route = .runningPods
    case ("configz", 1): route = .configuration
    case ("logs", _): route = .systemLogs(path: path.dropFirst().joined(separator: "/"))
    case ("containerLogs", 4): route = .logs(namespace: path[1], pod: path[2], container: path[3])
    // The form with the pod's uid is upstream's older one.
    case ("exec", 4): route = .exec(namespace: path[1], pod: path[2], container: path[3])
    case ("exec", 5): route = .exec(namespace: path[1], pod: path[2], container: path[4])
    case ("attach", 4): route = .attach(namespace: path[1], pod: path[2], container: path[3])
    case ("attach", 5): route = .attach(namespace: path[1], pod: path[2], container: path[4])
    case ("portForward", 3), ("portForward", 4): route = .portForward(namespace: path[1], pod: path[2])
    default: route = .unknown
    }
  }

  func flag(_ name: String) -> Bool {
    guard let value = query[name]?.last else { return false }
    return value == "1" || value == "true"
  }
}
