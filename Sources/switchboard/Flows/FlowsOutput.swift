import FlowLog
import Glibc
import JSONTree
import PolicyEnforcer

/// Where lines go: flows to the standard output, losses beside them as JSON or to the standard error as text.
struct FlowsOutput: Sendable {
  let format: OutputFormat

  func begin() { if format == .text { Self.write(1, FlowsText.line(FlowsText.heading)) } }

  func show(_ record: FlowRecord) {
    switch format {
    case .text: Self.write(1, FlowsText.line(FlowsText.cells(record)))
    case .json: Self.write(1, record.tree)
    }
  }

  func show(_ records: [FlowRecord]) {
    switch format {
    case .text: Self.write(1, records.isEmpty ? "no flows\n" : FlowsText.table(records))
    case .json: for record in records { Self.write(1, record.tree) }
    }
  }

  func show(_ loss: FlowLoss) {
    switch format {
    case .text: Self.write(2, loss.lines(limit: PolicyRules.logRate).map { $0 + "\n" }.joined())
    case .json: Self.write(1, loss.tree)
    }
  }

  private static func write(_ descriptor: Int32, _ tree: JSON) {
    write(descriptor, String(decoding: tree.encoded(), as: UTF8.self) + "\n")
  }

  /// Past the buffers of the C library, which keep what goes to a pipe.
  private static func write(_ descriptor: Int32, _ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      // Nobody reads any more.
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}
