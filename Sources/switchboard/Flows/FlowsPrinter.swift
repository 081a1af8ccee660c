import FlowLog
import JSONTree
import KubernetesAPI

/// Prints flows that are followed as they come, the two halves of one as one line where both come soon.
actor FlowsPrinter {
  private struct Waiting {
    let record: FlowRecord
    let deadline: ContinuousClock.Instant
  }

  private let filter: FlowFilter
  private let output: FlowsOutput
  private var waiting: [Waiting] = []
  /// As they were last told: nodes repeat themselves as a sign of life.
  private var losses: [String: FlowLoss] = [:]

  /// Nodes tell of what happens at once; this is for what lies between.
  private static let patience = Duration.milliseconds(400)

  init(_ filter: FlowFilter, _ output: FlowsOutput) {
    self.filter = filter
    self.output = output
  }

  func take(_ line: FlowsQuestion.Line) {
    switch line {
    case .loss(let loss):
      let isNews = losses.updateValue(loss, forKey: loss.node) != loss
      if isNews, !loss.isEmpty { output.show(loss) }
    case .flow(let record): take(record)
    }
  }

  private func take(_ record: FlowRecord) {
    guard record.otherNode != nil else { return show(record) }
    for (index, other) in waiting.enumerated() {
      guard let joined = FlowJoin.pair(other.record, record) else { continue }
      waiting.remove(at: index)
      return show(joined)
    }
    waiting.append(Waiting(record: record, deadline: .now + Self.patience))
  }

  /// Prints what has waited long enough, until the task is cancelled.
  func run() async {
    // Nothing tells that the other half does not come. Ends with the sleep that is cancelled.
    while (try? await Task.sleep(for: Self.patience / 4)) != nil {
      let now = ContinuousClock.now
      let due = waiting.prefix { $0.deadline <= now }
      waiting.removeFirst(due.count)
      for item in due { show(item.record) }
    }
  }

  private func show(_ record: FlowRecord) { if filter.takes(record) { output.show(record) } }
}
