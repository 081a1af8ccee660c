import HTTPTypes
import KubernetesAPI
import NIOConcurrencyHelpers

/// Counts requests and how long they take, under upstream's names.
final class RequestMetrics: Sendable {
  /// What a request was, as the labels tell it.
  struct Labels: Hashable, Sendable {
    var verb: String
    var group = ""
    var version = ""
    var resource = ""
    var subresource = ""
    var scope = ""
    var dryRun = ""

    init(_ request: APIServerRequest, _ info: RequestInfo?, query: QueryParameters) {
      verb = Self.verb(request, info)
      dryRun = query.text("dryRun") ?? ""
      guard let info, !info.resource.isEmpty else { return }
      group = info.groupVersion.group
      version = info.groupVersion.version
      resource = info.resource
      subresource = info.subresource
      scope = !info.name.isEmpty ? "resource" : info.namespace.isEmpty ? "cluster" : "namespace"
    }

    private static func verb(_ request: APIServerRequest, _ info: RequestInfo?) -> String {
      guard let info, !info.resource.isEmpty else { return request.method.rawValue }
      switch info.verb {
      case "create": return "POST"
      case "update": return "PUT"
      case "patch":
        let type = MediaType.essence(request.headers[.contentType] ?? "")
        return type.hasPrefix("application/apply-patch") ? "APPLY" : "PATCH"
      case "get": return "GET"
      default: return info.verb.uppercased()
      }
    }

    /// In the order of the alphabet.
    var pairs: [(String, String)] {
      [
        ("component", "apiserver"), ("dry_run", dryRun), ("group", group), ("resource", resource), ("scope", scope),
        ("subresource", subresource), ("verb", verb), ("version", version),
      ]
    }
  }

  /// What is counted of one sort of request.
  private struct Record {
    var codes: [(code: Int, count: UInt64)] = []
    var durations = [UInt64](repeating: 0, count: RequestMetrics.bounds.count + 1)
    var sum = 0.0

    mutating func add(_ code: Int, _ seconds: Double) {
      if let index = codes.firstIndex(where: { $0.code == code }) {
        codes[index].count += 1
      } else {
        codes.append((code, 1))
      }
      durations[RequestMetrics.bounds.firstIndex { seconds <= $0 } ?? RequestMetrics.bounds.count] += 1
      sum += seconds
    }
  }

  private struct State {
    var records: [Labels: Record] = [:]
    var inFlight: [Bool: Int] = [true: 0, false: 0]
  }

  /// Seconds, as upstream's buckets.
  static let bounds: [Double] = [
    0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
  ]
  /// Whoever makes up paths must not make up metrics without end.
  private static let limit = 5_000

  private let state = NIOLockedValueBox(State())

  /// A request that is answered as soon as it is asked.
  func count(_ labels: Labels, code: Int, seconds: Double) {
    state.withLockedValue { Self.count(labels, code, seconds, in: &$0) }
  }

  func begin(isMutating: Bool) { state.withLockedValue { $0.inFlight[isMutating, default: 0] += 1 } }

  func end(_ labels: Labels, isMutating: Bool, code: Int, seconds: Double) {
    state.withLockedValue { state in
      state.inFlight[isMutating, default: 0] -= 1
      Self.count(labels, code, seconds, in: &state)
    }
  }

  private static func count(_ labels: Labels, _ code: Int, _ seconds: Double, in state: inout State) {
    guard state.records.count < limit || state.records[labels] != nil else { return }
    state.records[labels, default: Record()].add(code, seconds)
  }

  /// What has been counted so far.
  func write(to page: inout MetricsPage) {
    let state = state.withLockedValue { $0 }
    page.begin("apiserver_request_total", .counter, "Requests, by what they were and how they ended.")
    for (labels, record) in state.records {
      for (code, count) in record.codes { page.add(Double(count), [("code", String(code))] + labels.pairs) }
    }
    page.begin("apiserver_request_duration_seconds", .histogram, "How long requests took, watches aside.")
    // How long a watch lasts says nothing about the server.
    for (labels, record) in state.records where labels.verb != "WATCH" {
      page.add(bounds: Self.bounds, counts: record.durations, sum: record.sum, labels.pairs)
    }
    page.begin("apiserver_current_inflight_requests", .gauge, "Requests being answered.")
    for (isMutating, count) in state.inFlight {
      page.add(Double(count), [("request_kind", isMutating ? "mutating" : "readOnly")])
    }
  }
}
