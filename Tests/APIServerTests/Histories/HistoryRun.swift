import APIServer
import Foundation
import JSONTree
import KubernetesAPI
import SwitchboardTesting
import Synchronization
import Testing

/// A random concurrent history on a server that is killed again and again.
///
/// A kill is what a machine's loss of power leaves: the files as they are at one moment, while writes are under way. The
/// next server starts from a copy of them; what the old one says after that moment does not count.
struct HistoryRun {
  /// What the objects are called whose coming tells the watchers that the history is over.
  static let marker = "marker"

  let seed: UInt64
  var kills = 3
  var writers = 4
  var requests = 60

  func run() async throws -> HistoryRecord {
    let record = HistoryRecord()
    let folder = TestServer.temporaryDirectory()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var random = SeededRandom(seed: seed)
    var server = try await Self.server("\(folder)/0")
    var space = try await Self.space(server)
    let start = try server.revision
    var watchers: [HistoryWatcher] = []
    for kind in HistoryWriter.kinds {
      for (number, label) in [nil, nil, "a", "b"].enumerated() {
        watchers.append(
          HistoryWatcher(kind: kind, label: label, number: number, from: start, seed: random.next(), record: record))
      }
    }
    for round in 0...kills {
      let pause = Duration.milliseconds(20 + random.below(200))
      let seeds = (0..<writers).map { _ in random.next() }
      let isLast = round == kills
      watchers = try await self.round(
        Round(number: round, space: space, seeds: seeds, record: record), watchers,
        killedAfter: isLast ? nil : (pause, "\(folder)/\(round)", "\(folder)/\(round + 1)"))
      await server.server.registry.close()
      guard !isLast else { break }
      record.revive()
      server = try await Self.server("\(folder)/\(round + 1)")
      space = TestNamespace(server: server, name: space.name)
    }
    return record
  }

  private struct Round {
    let number: Int
    let space: TestNamespace
    let seeds: [UInt64]
    let record: HistoryRecord
  }

  private func round(
    _ round: Round, _ watchers: [HistoryWatcher], killedAfter kill: (pause: Duration, from: String, to: String)?
  ) async throws -> [HistoryWatcher] {
    let open = OpenWatches()
    let (space, record) = (round.space, round.record)
    return try await withThrowingTaskGroup(of: HistoryWatcher.self) { group in
      for var watcher in watchers {
        group.addTask {
          try await watcher.run(space) { open.add($0, $1) }
          return watcher
        }
      }
      try await withThrowingTaskGroup(of: Void.self) { writing in
        for (number, seed) in round.seeds.enumerated() {
          writing.addTask { [requests] in
            var writer = HistoryWriter(name: "r\(round.number)w\(number)", seed: seed, record: record)
            try await writer.run(space, limit: requests)
          }
        }
        if let kill {
          try await Task.sleep(for: kill.pause)
          record.kill()
          try Self.copy(kill.from, to: kill.to)
        }
        try await writing.waitForAll()
      }
      if kill == nil { try await Self.mark(space) } else { open.cancelAll() }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }

  /// Makes the objects whose coming ends the watches: one for each selection, and the last one for everybody.
  private static func mark(_ space: TestNamespace) async throws {
    for kind in HistoryWriter.kinds {
      for label in ["a", "b"] {
        let object: JSON = [
          "apiVersion": .string(kind.apiVersion), "kind": .string(kind.kind),
          "metadata": ["name": .string("\(marker)-\(label)"), "labels": ["sel": .string(label)]],
        ]
        _ = try await space.create(kind, object).object(201)
      }
    }
  }

  private static func server(_ folder: String) async throws -> TestServer {
    TestServer(server: try await APIServer(TestServer.configuration(folder), logger: TestServer.logger))
  }

  private static func space(_ server: TestServer) async throws -> TestNamespace {
    let space = try await server.namespace()
    _ = try await server.delete(space.path(.serviceAccounts, "default"))
    return space
  }

  /// The files as they are, the log last. A log that was begun anew in the meantime does not belong to the file copied
  /// before it: then once more. A checkpoint alone does no harm, because all that it writes is in the log too.
  private static func copy(_ source: String, to target: String) throws {
    let files = FileManager.default
    while true {
      try? files.removeItem(atPath: target)
      try files.createDirectory(atPath: target, withIntermediateDirectories: true)
      let before = try salt("\(source)/store.db-wal")
      for name in try files.contentsOfDirectory(atPath: source) where !name.hasPrefix("store.db-") && name != "lock" {
        try files.copyItem(atPath: "\(source)/\(name)", toPath: "\(target)/\(name)")
      }
      try files.copyItem(atPath: "\(source)/store.db-wal", toPath: "\(target)/store.db-wal")
      if try salt("\(target)/store.db-wal") == before { return }
    }
  }

  /// The numbers in a log's header that change whenever it is begun anew.
  private static func salt(_ path: String) throws -> Data {
    guard let log = FileHandle(forReadingAtPath: path) else { throw HistoryFault("\(path) cannot be read") }
    defer { try? log.close() }
    return try log.read(upToCount: 24) ?? Data()
  }
}

/// The watches that are open now, for the moment of the server's death.
private final class OpenWatches: Sendable {
  private let cancellers = Mutex<[String: @Sendable () -> Void]>([:])

  func add(_ name: String, _ watch: TestWatch) { cancellers.withLock { $0[name] = watch.canceller } }

  func cancelAll() {
    for cancel in cancellers.withLock({ Array($0.values) }) { cancel() }
  }
}
