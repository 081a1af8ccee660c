import JSONTree
import KubernetesAPI
import Synchronization

/// What a history's operations write and what the model compares: annotations and one label.
struct HistoryContent: Hashable, Sendable {
  var annotations: [String: String] = [:]
  var label = ""

  init() {}

  init(_ object: JSON) {
    for member in object[path: "metadata", "annotations"]?.object?.members ?? [] {
      annotations[member.key] = member.value.string
    }
    label = object[path: "metadata", "labels", "sel"]?.string ?? ""
  }

  /// The operation that wrote it last.
  var operation: String { annotations["op"] ?? "" }

  func merged(with patch: HistoryContent) -> HistoryContent {
    var result = self
    result.annotations.merge(patch.annotations) { $1 }
    result.label = patch.label
    return result
  }

  var metadata: JSON {
    [
      "annotations": .object(JSONObject(annotations.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) })),
      "labels": ["sel": .string(label)],
    ]
  }
}

/// An object of a history: `configmaps/a`.
struct HistoryKey: Hashable, Sendable, CustomStringConvertible {
  let kind: ResourceKind
  let name: String

  var description: String { "\(kind.plural)/\(name)" }
}

/// One request of a history and what came of it.
struct HistoryOperation: Sendable {
  enum Action: Sendable {
    case create
    case update(at: Int64)
    case patch
    case delete(at: Int64?)
    case get
    case list(limit: Int?)
  }

  enum Outcome: Sendable {
    /// The server was killed before the answer came: it may have happened or not.
    case unknown
    case refused(Int)
    case wrote(revision: Int64)
    case deleted
    case read(revision: Int64, HistoryContent)
    case listed(revision: Int64, [String: Int64])
  }

  let id: String
  let key: HistoryKey
  let action: Action
  /// What is sent: the whole of a create or an update, the change of a patch.
  let content: HistoryContent
  /// The newest revision that was acknowledged to anybody before this began.
  let floor: Int64
  var outcome = Outcome.unknown
}

/// A change as a watcher was told of it.
struct HistoryEvent: Hashable, Sendable {
  let type: String
  let revision: Int64
  let key: HistoryKey
  let content: HistoryContent
}

/// What every client of a history was told. A killed server tells nothing any more: what comes after ``kill()`` does
/// not count until ``revive()``.
final class HistoryRecord: Sendable {
  private struct State {
    var operations: [HistoryOperation] = []
    var events: [String: [HistoryEvent]] = [:]
    var acknowledged: Int64 = 0
    var isKilled = false
  }

  private let state = Mutex(State())

  var operations: [HistoryOperation] { state.withLock { $0.operations } }
  var events: [String: [HistoryEvent]] { state.withLock { $0.events } }
  var acknowledged: Int64 { state.withLock { $0.acknowledged } }
  var isKilled: Bool { state.withLock { $0.isKilled } }

  func kill() { state.withLock { $0.isKilled = true } }
  func revive() { state.withLock { $0.isKilled = false } }

  func end(_ operation: HistoryOperation, _ outcome: HistoryOperation.Outcome) {
    state.withLock { state in
      var operation = operation
      if !state.isKilled {
        operation.outcome = outcome
        if case .wrote(let revision) = outcome { state.acknowledged = max(state.acknowledged, revision) }
      }
      state.operations.append(operation)
    }
  }

  /// False where the server is dead.
  func add(_ event: HistoryEvent, of watcher: String) -> Bool {
    state.withLock { state in
      if state.isKilled { return false }
      state.events[watcher, default: []].append(event)
      return true
    }
  }
}
