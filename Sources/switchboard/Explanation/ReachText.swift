import Explain
import JSONTree
import KubernetesAPI

/// Who reaches whom, as tables and lists for people and as trees for scripts.
struct ReachText: Sendable {
  let reach: Reach

  /// What a pair of pods may use: everything, nothing, or these ports.
  private enum Access {
    case everything
    case nothing
    case some([Reach.Port])

    var text: String {
      switch self {
      case .everything: "all"
      case .nothing: "-"
      case .some(let ports): ports.map(\.description).joined(separator: ",")
      }
    }
  }

  private func access(_ pair: Reach.Pair) -> Access {
    let ports = reach.ports(of: pair.destination)
    let open = ports.filter { reach.allows(pair, $0) }
    return open.count == ports.count ? .everything : open.isEmpty ? .nothing : .some(open)
  }

  /// A row for each pod that sends, a column for each that receives.
  func matrix(_ namespace: String) -> String {
    let pods = reach.pods(in: namespace)
    guard !pods.isEmpty else { return "no pod of namespace \(namespace) has an address that policies know\n" }
    let rows = pods.map { source in
      [source.name] + pods.map { source == $0 ? "." : access(Reach.Pair(source, $0)).text }
    }
    return ClusterSummary.table([["FROM \\ TO"] + pods.map(\.name)] + rows)
  }

  func matrixTree(_ namespace: String) -> JSON {
    let pods = reach.pods(in: namespace)
    return .array(
      pods.flatMap { source in
        pods.filter { $0 != source }.map { destination in
          let pair = Reach.Pair(source, destination)
          let open = reach.ports(of: destination).filter { reach.allows(pair, $0) }
          return [
            "from": .string("\(source)"), "to": .string("\(destination)"),
            "ports": .array(open.map { .string($0.description) }),
          ]
        }
      })
  }

  static func text(_ differences: [Reach.Difference]) -> String {
    guard !differences.isEmpty else { return "nothing would open or close between the pods that are there\n" }
    return ClusterSummary.table(
      [["CHANGE", "FROM", "TO", "PORT"]]
        + differences.map { difference in
          [
            difference.opens ? "opens" : "closes", "\(difference.pair.source)", "\(difference.pair.destination)",
            "\(difference.port)",
          ]
        })
  }

  static func tree(_ differences: [Reach.Difference]) -> JSON {
    .array(
      differences.map { difference in
        [
          "change": .string(difference.opens ? "opens" : "closes"), "from": .string("\(difference.pair.source)"),
          "to": .string("\(difference.pair.destination)"), "port": .string("\(difference.port)"),
        ]
      })
  }
}
