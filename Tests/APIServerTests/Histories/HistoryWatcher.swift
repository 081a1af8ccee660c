import JSONTree
import KubernetesAPI
import SwitchboardTesting

/// One client that follows a kind, ends its watch now and then, and goes on from the last revision it saw.
struct HistoryWatcher {
  let name: String
  let kind: ResourceKind
  /// What it selects by the label `sel`; everything where it is `nil`.
  let label: String?
  let record: HistoryRecord
  private var random: SeededRandom
  private(set) var revision: Int64

  init(kind: ResourceKind, label: String?, number: Int, from revision: Int64, seed: UInt64, record: HistoryRecord) {
    name = "\(kind.plural) \(label ?? "all") \(number)"
    self.kind = kind
    self.label = label
    self.revision = revision
    self.record = record
    random = SeededRandom(seed: seed)
  }

  private var query: String {
    "?watch=true&resourceVersion=\(revision)\(label.map { "&labelSelector=sel%3D\($0)" } ?? "")"
  }

  /// Follows until it sees its marker, or the server's death.
  mutating func run(_ space: TestNamespace, _ opened: (String, TestWatch) -> Void) async throws {
    while !record.isKilled {
      let watch = try await space.server.watch(space.path(kind) + query)
      opened(name, watch)
      if record.isKilled { return watch.cancel() }
      for _ in 0..<(5 + random.below(40)) {
        let next: TestWatch.Event?
        do {
          next = try await watch.next()
        } catch  where record.isKilled {
          return
        }
        guard let event = next else {
          if record.isKilled { return }
          throw HistoryFault("\(name) ended by itself after \(revision)")
        }
        guard let seen = Int64(event.object.resourceVersion), event.type != "ERROR" else {
          throw HistoryFault("\(name) was told \(event.type) \(event.object)")
        }
        guard
          record.add(
            HistoryEvent(
              type: event.type, revision: seen, key: HistoryKey(kind: kind, name: event.object.name),
              content: HistoryContent(event.object)), of: name)
        else { return watch.cancel() }
        revision = seen
        if event.object.name == "\(HistoryRun.marker)-\(label ?? "b")" { return watch.cancel() }
      }
      watch.cancel()
    }
  }
}

struct HistoryFault: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
