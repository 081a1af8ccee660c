import Conntrack
import FlowLog
import KubernetesAPI
import NetworkTypes

/// A flow as a line that a person reads.
enum FlowsText {
  static let heading = ["TIME", "PROTOCOL", "FROM", "TO", "STATE", "BYTES", "VERDICT"]
  /// For lines that are printed before the next is known.
  private static let widths = [20, 8, 34, 52, 11, 12, 0]

  static func table(_ records: [FlowRecord]) -> String {
    ClusterSummary.table([heading] + records.map(cells))
  }

  /// One line in columns that most cells fit.
  static func line(_ cells: [String]) -> String {
    var line = ""
    for (cell, width) in zip(cells, widths) {
      line += width == 0 ? cell : cell + String(repeating: " ", count: max(0, width - cell.count) + 2)
    }
    return line + "\n"
  }

  static func cells(_ record: FlowRecord) -> [String] {
    [
      record.time.description, record.transport, end(record.source), end(record.target) + detour(record),
      state(record), traffic(record), verdict(record),
    ]
  }

  private static func end(_ end: FlowEnd) -> String {
    let isWide = end.pod == nil && end.address.family == .v6 && end.port != nil
    let address = isWide ? "[\(end.address)]" : "\(end.address)"
    let name = end.pod.map(\.description) ?? end.node.map { "node/\($0)" } ?? address
    return name + (end.port.map { ":\($0)" } ?? "")
  }

  private static func detour(_ record: FlowRecord) -> String {
    if let service = record.service { return " (svc \(service.name):\(service.port))" }
    if !record.possibleServices.isEmpty {
      return " (svc \(record.possibleServices.map { "\($0.name):\($0.port)" }.joined(separator: " or "))?)"
    }
    return record.requested.map { " (\($0))" } ?? ""
  }

  private static func state(_ record: FlowRecord) -> String {
    switch record.status {
    case .dropped: record.droppedPackets > 1 ? "DROPPED x\(record.droppedPackets)" : "DROPPED"
    case .ended: record.isAnswered ? "ended" : "unanswered"
    case .live: record.tcpState ?? (record.isAnswered ? "answered" : "unanswered")
    }
  }

  private static func traffic(_ record: FlowRecord) -> String {
    guard record.status != .dropped, let sent = record.sent, let answered = record.answered else { return "-" }
    return "\(sent.bytes)/\(answered.bytes)"
  }

  private static func verdict(_ record: FlowRecord) -> String {
    let parts = [("egress", record.egress), ("ingress", record.ingress)].compactMap { direction, judgement in
      judgement.map { "\(direction): \(words($0))" }
    }
    return parts.isEmpty ? "no pod's policies decide" : parts.joined(separator: "; ")
  }

  private static func words(_ judgement: FlowJudgement) -> String {
    guard judgement.isAllowed, let object = judgement.object, let field = judgement.field,
      object.hasPrefix("NetworkPolicy ")
    else { return judgement.text }
    return "\(object.dropFirst(14)) \(field)"
  }
}
