import APIClient
import FlowLog
import JSONTree
import KubernetesAPI
import Synchronization

/// Asks all nodes for their flows. A node that does not answer is told as a loss, with the reason.
struct FlowsQuestion: Sendable {
  enum Line: Sendable {
    case flow(FlowRecord)
    case loss(FlowLoss)
  }

  let client: APIClient
  /// `from`, `to`, `dropped` and `namespace`, as the nodes take them.
  let query: [String: String]

  private static let atOnce = 16
  /// A node looks into its kernel before it answers; one that is followed gives a sign of life every ten seconds.
  private static let patience = Duration.seconds(30)

  /// What the nodes have in their books.
  func ask() async throws -> [Line] {
    let nodes = try await nodeNames()
    return await withTaskGroup(of: [Line].self) { group in
      var lines: [Line] = []
      for (index, node) in nodes.enumerated() {
        if index >= Self.atOnce, let some = await group.next() { lines += some }
        group.addTask { await ask(node) }
      }
      for await some in group { lines += some }
      return lines
    }
  }

  private func ask(_ node: String) async -> [Line] {
    do {
      var request = request(node, follow: false)
      request.timeout = Self.patience
      let lines = try await client.raw(request).body.split(separator: UInt8(ascii: "\n"))
      return lines.map { Self.line($0, node) }
    } catch {
      return [.loss(Self.silence(node, error))]
    }
  }

  /// What happens on all nodes from now on, those included that come later, until the task is cancelled.
  func follow(_ take: @escaping @Sendable (Line) async -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      var followed: Set<String> = []
      while true {
        do {
          for node in try await nodeNames() where followed.insert(node).inserted {
            group.addTask { try await follow(node, take) }
          }
        } catch  where !followed.isEmpty && !Task.isCancelled {
          // The nodes that are followed go on, or say themselves that they do not.
        }
        // That a node joins concerns nobody at once, and a watch of all nodes' heartbeats would cost more.
        try await Task.sleep(for: .seconds(10))
      }
    }
  }

  private func follow(_ node: String, _ take: @escaping @Sendable (Line) async -> Void) async throws {
    while true {
      do {
        try await read(node, take)
        throw FlowQuestionError("it ended its answer")
      } catch {
        try Task.checkCancellation()
        // As often as it is asked, and shown once: a node that is away stays so for a while.
        await take(.loss(Self.silence(node, error)))
      }
      // A node that comes back says so to nobody.
      try await Task.sleep(for: .seconds(2))
    }
  }

  /// Takes what a node says until it ends, or throws once it has said nothing for longer than a node that is well.
  private func read(_ node: String, _ take: @escaping @Sendable (Line) async -> Void) async throws {
    let body = try await client.stream(request(node, follow: true)).body
    let heard = LastWord()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        var lines = LineSplitter()
        for try await bytes in body {
          heard.note()
          lines.append(bytes)
          while let line = lines.next() { await take(Self.line(line, node)) }
        }
      }
      group.addTask {
        while heard.age < Self.patience {
          // Silence tells of itself by time alone.
          try await Task.sleep(for: .seconds(1))
        }
        throw FlowQuestionError("it has said nothing for \(Self.patience.components.seconds) s")
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private func nodeNames() async throws -> [String] { try await client.list(.nodes).items.map(\.name).sorted() }

  private func request(_ node: String, follow: Bool) -> APIRequest {
    var request = APIRequest(.get, "/api/v1/nodes/\(node)/proxy/flows")
    request.query = query.sorted { $0.key < $1.key }.map { NamedValue($0.key, $0.value) }
    if follow { request.query.append(NamedValue("follow", "true")) }
    return request
  }

  private static func silence(_ node: String, _ error: any Error) -> FlowLoss {
    var loss = FlowLoss(node: node)
    loss.reasons = ["does not tell its flows: \((error as? APIError)?.message ?? "\(error)")"]
    return loss
  }

  /// A line that cannot be read, as of an agent of another version, is missing as well.
  private static func line(_ bytes: ArraySlice<UInt8>, _ node: String) -> Line {
    if let tree = try? JSON.parse(Array(bytes)) {
      if let record = FlowRecord(tree) { return .flow(record) }
      if let loss = FlowLoss(tree) { return .loss(loss) }
    }
    var loss = FlowLoss(node: node)
    loss.reasons = ["sent a line that is not understood here: is its agent of another version?"]
    return .loss(loss)
  }
}

/// When something was last heard.
private final class LastWord: Sendable {
  private let time = Mutex(ContinuousClock.now)

  var age: Duration { ContinuousClock.now - time.withLock { $0 } }

  func note() { time.withLock { $0 = .now } }
}
