import APIClient
import JSONTree
import KubernetesAPI
import PolicyEnforcer

/// What all nodes have found of policies that are tried out.
struct AuditSummary {
  struct Finding: Hashable {
    let policies: [String]
    let direction: String
    let pod: String
    let peer: String
    let port: String
  }

  struct Tally {
    var count: Int64 = 0
    var first = ""
    var last = ""
  }

  private(set) var audited: Set<String> = []
  private(set) var findings: [Finding: Tally] = [:]
  /// What is missing from all this, a sentence each.
  private(set) var losses: [String] = []

  init() {}

  /// Asks every node.
  init(_ client: APIClient) async throws {
    let nodes = try await client.list(.nodes).items.map(\.name)
    let answers = await withTaskGroup(of: (String, Result<JSON, any Error>).self) { group in
      for node in nodes { group.addTask { (node, await Self.ask(node, client)) } }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    for (node, answer) in answers.sorted(by: { $0.key < $1.key }) {
      switch answer {
      case .success(let report): add(report, of: node)
      case .failure(let error):
        losses.append("node \(node) does not answer: \((error as? APIError)?.message ?? "\(error)")")
      }
    }
  }

  private static func ask(_ node: String, _ client: APIClient) async -> Result<JSON, any Error> {
    do {
      let request = APIRequest(.get, "/api/v1/nodes/\(node)/proxy/explain/audit")
      return .success(try JSON.parse(try await client.raw(request).body))
    } catch {
      return .failure(error)
    }
  }

  mutating func add(_ report: JSON, of node: String) {
    audited.formUnion((report["audited"]?.items ?? []).compactMap(\.string))
    for item in report["findings"]?.items ?? [] {
      let finding = Finding(
        policies: (item["policies"]?.items ?? []).compactMap(\.string), direction: item["direction"]?.string ?? "",
        pod: item["pod"]?.string ?? "", peer: item["peer"]?.string ?? "",
        port: "\(item["protocol"]?.string ?? "") \(item["port"]?.int ?? 0)")
      // A pod of the same name may have been on another node before.
      var tally = findings[finding] ?? Tally()
      tally.count += item["count"]?.int ?? 0
      let (first, last) = (item["first"]?.string ?? "", item["last"]?.string ?? "")
      tally.first = tally.first.isEmpty ? first : min(tally.first, first)
      tally.last = max(tally.last, last)
      findings[finding] = tally
    }
    losses += AuditLoss(report: report).lines(node: node)
  }

  /// Of the policies that `isAsked` names.
  func narrowed(to isAsked: (String) -> Bool) -> AuditSummary {
    var summary = self
    summary.audited = audited.filter(isAsked)
    summary.findings = findings.filter { $0.key.policies.contains(where: isAsked) }
    return summary
  }

  private var sorted: [(key: Finding, value: Tally)] {
    findings.sorted {
      ($0.key.policies.joined(separator: ","), -$0.value.count, $0.key.pod, $0.key.peer, $0.key.port)
        < ($1.key.policies.joined(separator: ","), -$1.value.count, $1.key.pod, $1.key.peer, $1.key.port)
    }
  }

  var text: String {
    guard !audited.isEmpty else {
      return """
        no such NetworkPolicy is tried out: annotate one, as in
          kubectl annotate networkpolicy NAME \(PolicyAuditAnnotation.name)=true

        """
    }
    let rows = sorted.map { finding, tally in
      [
        finding.policies.joined(separator: ","), finding.direction, finding.pod, finding.peer, finding.port,
        "\(tally.count)", tally.last,
      ]
    }
    let silent = audited.subtracting(findings.keys.flatMap(\.policies)).sorted()
    let table =
      rows.isEmpty
      ? "" : ClusterSummary.table([["POLICY", "DIRECTION", "POD", "PEER", "PORT", "COUNT", "LAST SEEN"]] + rows)
    return table + silent.map { "\($0) would have denied nothing so far\n" }.joined()
  }

  var tree: JSON {
    [
      "audited": .array(audited.sorted().map { .string($0) }),
      "findings": .array(
        sorted.map { finding, tally in
          [
            "policies": .array(finding.policies.map { .string($0) }), "direction": .string(finding.direction),
            "pod": .string(finding.pod), "peer": .string(finding.peer), "port": .string(finding.port),
            "count": .int(tally.count), "first": .string(tally.first), "last": .string(tally.last),
          ]
        }), "losses": .array(losses.map { .string($0) }),
    ]
  }
}
