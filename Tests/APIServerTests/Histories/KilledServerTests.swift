import APIClient
import JSONTree
import KubernetesAPI
import SwitchboardTesting
import Synchronization
import Testing

/// Random writes to a server that is killed with SIGKILL while they are under way, again and again. Each object has one
/// writer, so it is known what the next server may show: what was answered last, or what was under way.
@Suite(.timeLimit(.minutes(5))) struct KilledServerTests {
  /// What is known of one object from its writer's point of view.
  private struct Known: Sendable {
    /// The value that the server answered for; `nil` where there is no object.
    var value: String?
    /// What was asked for and not answered.
    var asked: String??
  }

  /// A write that the server answered for.
  private struct Answered: Sendable, Hashable {
    let name: String
    let revision: Int64
    let value: String
  }

  private final class Writes: Sendable {
    struct State: Sendable {
      var known: [String: Known] = [:]
      var answered: [Answered] = []
      var refusals: [String] = []
    }

    private let state = Mutex(State())

    func with<Result: Sendable>(_ body: (inout State) -> Result) -> Result { state.withLock { body(&$0) } }
  }

  private static func object(_ name: String, _ value: String) -> JSON {
    ["metadata": ["name": .string(name), "namespace": "default"], "data": ["value": .string(value)]]
  }

  private static func value(_ object: JSON) -> String? { object[path: "data", "value"]?.string }

  /// One writer's random writes to its own objects, until the server is gone.
  private static func write(_ writer: Int, _ client: APIClient, seed: UInt64, _ writes: Writes) async {
    var random = SeededRandom(seed: seed)
    var count = 0
    while true {
      count += 1
      let name = "w\(writer)-\(random.below(3))"
      let (before, value) = (writes.with { $0.known[name]?.value }, "\(seed)-\(count)")
      let deletes = before != nil && random.below(3) == 0
      writes.with { $0.known[name] = Known(value: before, asked: .some(deletes ? nil : value)) }
      do {
        if deletes {
          try await client.delete(.configMaps, namespace: "default", name: name)
          writes.with { $0.known[name] = Known(value: nil) }
          continue
        }
        let object = object(name, value)
        let stored =
          before == nil
          ? try await client.create(.configMaps, object) : try await client.update(.configMaps, object)
        writes.with { state in
          state.known[name] = Known(value: value)
          state.answered.append(
            Answered(name: name, revision: Int64(stored.resourceVersion) ?? 0, value: value))
        }
      } catch {
        if let error = error as? APIError, error.code == .status { writes.with { $0.refusals.append("\(error)") } }
        return
      }
    }
  }

  /// Every object is as its writer may expect; what was under way is settled from then on.
  private static func settle(_ client: APIClient, _ writes: Writes, _ round: Int) async throws {
    for (name, known) in writes.with({ $0.known }) {
      let found = try await client.find(.configMaps, namespace: "default", name: name).flatMap(value)
      let isExpected = found == known.value || known.asked.map { $0 == found } ?? false
      #expect(isExpected, "round \(round): \(name) is \(found ?? "gone"), known was \(known)")
      writes.with { $0.known[name] = Known(value: found) }
    }
  }

  /// The watch from before the writes tells each answered one once, in order.
  private static func follow(
    _ client: APIClient, from revision: Int64, to marker: JSON, _ answered: [Answered], _ round: Int
  ) async throws {
    let last = Int64(marker.resourceVersion) ?? 0
    var seen: [Answered] = []
    var revisions: [Int64] = []
    let options = ListOptions(resourceVersion: String(revision))
    for try await event in try await client.watch(.configMaps, namespace: "default", options: options, bookmarks: false)
    {
      revisions.append(Int64(event.resourceVersion) ?? 0)
      switch event {
      case .added(let object), .modified(let object):
        seen.append(
          Answered(name: object.name, revision: Int64(object.resourceVersion) ?? 0, value: value(object) ?? ""))
      case .deleted, .bookmark: break
      }
      if revisions.last ?? 0 >= last { break }
    }
    #expect(zip(revisions, revisions.dropFirst()).allSatisfy { $0 < $1 }, "round \(round): \(revisions)")
    let lost = Set(answered).subtracting(seen)
    #expect(lost.isEmpty, "round \(round): answered and not told: \(lost)")
    #expect(revisions.last == last)
  }

  @Test func whatWasAnsweredOutlivesSIGKILL() async throws {
    let program = try await ServerProgram()
    defer { program.remove() }
    let writes = Writes()
    var random = SeededRandom(seed: 11)
    var server = try await program.start()
    for round in 0..<4 {
      let start = Int64(try await server.client.list(.configMaps, namespace: "default").resourceVersion) ?? 0
      let before = writes.with { $0.answered.count }
      let (client, pause) = (server.client, Duration.milliseconds(150 + random.below(300)))
      let seeds = (0..<6).map { _ in random.next() }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (writer, seed) in seeds.enumerated() {
          group.addTask { await Self.write(writer, client, seed: seed, writes) }
        }
        // A busy machine gets longer, so that there is something to lose.
        try await Task.sleep(for: pause)
        while writes.with({ $0.answered.count }) < before + 20 { try await Task.sleep(for: .milliseconds(5)) }
        try await server.kill()
        try await group.waitForAll()
      }
      server = try await program.start()
      try await Self.settle(server.client, writes, round)
      let answered = writes.with { Array($0.answered[before...]) }
      let marker = try await server.client.create(.configMaps, Self.object("marker-\(round)", "end"))
      #expect(Int64(marker.resourceVersion) ?? 0 > answered.map(\.revision).max() ?? 0)
      try await Self.follow(server.client, from: start, to: marker, answered, round)
    }
    try await server.kill()
    #expect(writes.with { $0.refusals } == [])
  }
}
