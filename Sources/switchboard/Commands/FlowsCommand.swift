import APIClient
import ArgumentParser
import FlowLog
import KubernetesAPI
import Lab

struct FlowsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flows", abstract: "Show live and recent connections, and what policies dropped.",
    discussion: """
      One line for each connection, with pods and Service by name, what it carried, and what the policies of both ends
      said of it with the rule that decides. The nodes tell them from their kernels' own events, as things were when they
      happened; what two nodes tell of the same flow is joined.

        switchboard flows
        switchboard flows --dropped
        switchboard flows -n shop --from pod/web --to svc/api.billing:80
        switchboard flows --follow --to 10.244.0.0/16 --output json

      FROM and TO are pod/NAME[.NAMESPACE], node/NAME, an address or a block, TO also svc/NAME[.NAMESPACE], each with :PORT
      where a port is meant. What nodes did not see is said at the end, or with --output json as a line of the kind "loss".
      Exit status: 0, or 1 where no node answers.
      """)

  @Option(name: .shortAndLong, help: "The namespace of names without one.") var namespace = "default"
  @Option(help: "Only flows from there.") var from: String?
  @Option(help: "Only flows to there.") var to: String?
  @Flag(help: "Only what policies dropped.") var dropped = false
  @Flag(name: .shortAndLong, help: "Show what happens from now on, until interrupted.") var follow = false
  @OptionGroup var api: APIOptions
  @Option(name: .shortAndLong, help: "text, or json for scripts: one object a line.") var output = OutputFormat.text

  private var query: [String: String] {
    var query = ["namespace": namespace]
    query["from"] = from
    query["to"] = to
    if dropped { query["dropped"] = "true" }
    return query
  }

  func validate() throws {
    do {
      _ = try FlowFilter(query: query)
    } catch {
      throw ValidationError(error.description)
    }
  }

  func run() async throws {
    do {
      let question = FlowsQuestion(client: try api.client(), query: query)
      let filter = try FlowFilter(query: query)
      let lines = FlowsOutput(format: output)
      if follow { return try await show(question, FlowsPrinter(filter, lines), lines) }
      try await show(question, filter, lines)
    } catch let error as ExitCode {
      throw error
    } catch {
      StandardError.write("cannot show flows: \((error as? APIError)?.message ?? "\(error)")\n")
      throw ExitCode(1)
    }
  }

  private func show(_ question: FlowsQuestion, _ filter: FlowFilter, _ output: FlowsOutput) async throws {
    var (records, losses) = ([FlowRecord](), [FlowLoss]())
    for line in try await question.ask() {
      switch line {
      case .flow(let record): records.append(record)
      case .loss(let loss): losses.append(loss)
      }
    }
    let isAnswered = losses.contains { $0.reasons.isEmpty } || !records.isEmpty
    if isAnswered || losses.isEmpty { output.show(FlowJoin.join(records).filter(filter.takes)) }
    for loss in losses.sorted(by: { $0.node < $1.node }) where !loss.isEmpty { output.show(loss) }
    if !isAnswered, !losses.isEmpty { throw ExitCode(1) }
  }

  private func show(_ question: FlowsQuestion, _ printer: FlowsPrinter, _ output: FlowsOutput) async throws {
    output.begin()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await printer.run() }
      group.addTask { try await question.follow { await printer.take($0) } }
      try await group.next()
      group.cancelAll()
    }
  }
}
