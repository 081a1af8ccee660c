import JSONTree
import KubernetesAPI
import SwitchboardTesting

/// One client that sends random requests, one after the other, to a few objects that it shares with the other clients.
struct HistoryWriter {
  static let kinds: [ResourceKind] = [.configMaps, .serviceAccounts]
  private static let names = ["a", "b", "c", "d", "e"]

  let name: String
  let record: HistoryRecord
  private var random: SeededRandom
  private var count = 0

  init(name: String, seed: UInt64, record: HistoryRecord) {
    self.name = name
    self.record = record
    random = SeededRandom(seed: seed)
  }

  /// Sends requests until there were `limit` of them or the server is dead.
  mutating func run(_ space: TestNamespace, limit: Int) async throws {
    for _ in 0..<limit where !record.isKilled { try await step(space) }
  }

  private mutating func step(_ space: TestNamespace) async throws {
    let key = HistoryKey(kind: Self.kinds[random.below(Self.kinds.count)], name: Self.names[random.below(5)])
    switch random.below(10) {
    case 0...2: try await create(key, space)
    case 3...4: try await update(key, space)
    case 5...6: try await patch(key, space)
    case 7: try await delete(key, space)
    case 8: _ = try await get(key, space)
    default: try await list(key, space)
    }
  }

  private mutating func begin(
    _ key: HistoryKey, _ action: HistoryOperation.Action, on base: HistoryContent = HistoryContent()
  ) -> HistoryOperation {
    count += 1
    let id = "\(name)-\(count)"
    var content = base
    content.annotations["op"] = id
    content.annotations["k\(random.below(4))"] = id
    content.label = ["a", "b"][random.below(2)]
    return HistoryOperation(id: id, key: key, action: action, content: content, floor: record.acknowledged)
  }

  private func end(_ operation: HistoryOperation, _ answer: Answer) throws {
    guard answer.code < 300 else { return record.end(operation, .refused(answer.code)) }
    let object = try JSON.parse(answer.text)
    guard let revision = Int64(object.resourceVersion) else { throw answer }
    record.end(operation, .wrote(revision: revision))
  }

  private func object(_ key: HistoryKey, _ content: HistoryContent) -> JSON {
    var metadata = content.metadata
    metadata["name"] = .string(key.name)
    return ["apiVersion": .string(key.kind.apiVersion), "kind": .string(key.kind.kind), "metadata": metadata]
  }

  private mutating func create(_ key: HistoryKey, _ space: TestNamespace) async throws {
    let operation = begin(key, .create)
    try end(operation, try await space.create(key.kind, object(key, operation.content)))
  }

  private mutating func update(_ key: HistoryKey, _ space: TestNamespace) async throws {
    guard let (revision, base) = try await get(key, space) else { return }
    let operation = begin(key, .update(at: revision), on: base)
    var object = object(key, operation.content)
    object[path: "metadata", "resourceVersion"] = .string(String(revision))
    try end(operation, try await space.server.put(space.path(key.kind, key.name), object))
  }

  private mutating func patch(_ key: HistoryKey, _ space: TestNamespace) async throws {
    let operation = begin(key, .patch)
    try end(
      operation,
      try await space.server.patch(
        space.path(key.kind, key.name), ["metadata": operation.content.metadata],
        as: key.kind == .configMaps ? .strategic : .merge))
  }

  private mutating func delete(_ key: HistoryKey, _ space: TestNamespace) async throws {
    var revision: Int64?
    if random.below(2) == 0 {
      guard let (found, _) = try await get(key, space) else { return }
      revision = found
    }
    let operation = begin(key, .delete(at: revision))
    let options: JSON? = revision.map {
      ["apiVersion": "v1", "kind": "DeleteOptions", "preconditions": ["resourceVersion": .string(String($0))]]
    }
    let answer = try await space.server.delete(space.path(key.kind, key.name), options)
    record.end(operation, answer.code < 300 ? .deleted : .refused(answer.code))
  }

  private mutating func get(_ key: HistoryKey, _ space: TestNamespace) async throws -> (Int64, HistoryContent)? {
    let operation = begin(key, .get)
    let answer = try await space.get(key.kind, key.name)
    guard answer.code == 200 else {
      record.end(operation, .refused(answer.code))
      return nil
    }
    let object = try JSON.parse(answer.text)
    guard let revision = Int64(object.resourceVersion) else { throw answer }
    let content = HistoryContent(object)
    record.end(operation, .read(revision: revision, content))
    return (revision, content)
  }

  /// The whole list, or page after page of it.
  private mutating func list(_ key: HistoryKey, _ space: TestNamespace) async throws {
    let limit: Int? = random.below(2) == 0 ? nil : 2
    let operation = begin(key, .list(limit: limit))
    var items: [String: Int64] = [:]
    var revisions: Set<Int64> = []
    var next = ""
    repeat {
      var query = limit.map { "?limit=\($0)" } ?? ""
      if !next.isEmpty { query += "&continue=\(next)" }
      let answer = try await space.server.get(space.path(key.kind) + query)
      guard answer.code == 200 else { return record.end(operation, .refused(answer.code)) }
      let page = try JSON.parse(answer.text)
      for item in page["items"]?.items ?? [] {
        guard items.updateValue(Int64(item.resourceVersion) ?? 0, forKey: item.name) == nil else { throw answer }
      }
      guard let revision = Int64(page.resourceVersion) else { throw answer }
      revisions.insert(revision)
      next = page[path: "metadata", "continue"]?.string ?? ""
    } while !next.isEmpty
    // Every page is of one revision.
    let revision = revisions.count == 1 ? revisions.first ?? 0 : 0
    record.end(operation, .listed(revision: revision, items))
  }
}
