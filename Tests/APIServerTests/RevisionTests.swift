import Foundation
import HTTPTypes
import JSONTree
import KubernetesAPI
import SwitchboardTesting
import Testing

@testable import APIServer

/// Lists of earlier revisions: as long as they are remembered, until they are compacted, and of the future.
@Suite struct RevisionTests {
  private static let tooOld = "The resourceVersion for the provided list is too old."
  private static let tooOldToken =
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    + "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    + "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    + "deleted between the time the first chunk was returned and now may show up in the list."

  private func space(with count: Int) async throws -> TestNamespace {
    let space = try await TestServer().namespace()
    for index in 0..<count {
      _ = try await space.create(.configMaps, TestObjects.configMap("c\(index)", data: ["n": "old"])).object(201)
    }
    return space
  }

  private func exact(_ space: TestNamespace, _ revision: Int64) async throws -> Answer {
    try await space.server.get(
      "\(space.path(.configMaps))?resourceVersion=\(revision)&resourceVersionMatch=Exact")
  }

  private func texts(_ list: JSON) -> [String] {
    list["items"]?.items.map { "\($0.name)=\($0[path: "data", "n"]?.string ?? "") at \($0.resourceVersion)" } ?? []
  }

  /// Random changes; every revision on the way is then shown as the list was at that moment.
  @Test func everyRememberedRevisionIsShownAsItWas() async throws {
    let space = try await space(with: 3)
    var random = SeededRandom(seed: 4)
    var lists: [(Int64, [String])] = []
    for step in 0..<60 {
      let name = "c\(random.below(6))"
      switch random.below(3) {
      case 0: _ = try await space.create(.configMaps, TestObjects.configMap(name, data: ["n": .string("\(step)")]))
      case 1: _ = try await space.server.delete(space.path(.configMaps, name))
      default: _ = try await space.server.patch(space.path(.configMaps, name), ["data": ["n": .string("\(step)")]])
      }
      // Changes of other kinds move the revision on too.
      if step % 7 == 0 { _ = try await space.create(.secrets, TestObjects.secret("s\(step)")).object(201) }
      lists.append((try space.server.revision, texts(try await space.server.get(space.path(.configMaps)).object())))
    }
    for (revision, texts) in lists {
      let list = try await exact(space, revision).object()
      #expect(self.texts(list) == texts && list.resourceVersion == String(revision), "at \(revision)")
    }
    #expect(Set(lists.map(\.1)).count > 20)
  }

  /// Pages are of their first page's revision as long as it is there; after a compaction the rest is what there is now.
  @Test func compactionEndsConsistentPages() async throws {
    let space = try await space(with: 5)
    let (server, path) = (space.server, space.path(.configMaps))
    let first = try await server.get("\(path)?limit=2").object()
    let revision = try server.revision
    let token = try #require(first.metadata["continue"]?.string)
    _ = try await server.delete(space.path(.configMaps, "c3")).object()
    _ = try await space.create(.configMaps, TestObjects.configMap("c0a", data: ["n": "new"])).object(201)
    _ = try await space.create(.configMaps, TestObjects.configMap("c5", data: ["n": "new"])).object(201)
    let second = try await server.get("\(path)?limit=2&continue=\(token)").object()
    #expect(second["items"]?.items.map(\.name) == ["c2", "c3"] && second.resourceVersion == String(revision))

    // Up to the revision itself nothing of it is gone.
    try await server.server.registry.compact(through: revision)
    #expect(try await server.get("\(path)?limit=2&continue=\(token)").object() == second)
    #expect(try await exact(space, revision).object()["items"]?.items.count == 5)
    try await server.server.registry.compact(through: revision + 1)
    let answer = try await server.get("\(path)?limit=2&continue=\(token)")
    let status = try answer.refused(410, "Expired", Self.tooOldToken)
    try await exact(space, revision).refused(410, "Expired", Self.tooOld)

    let rest = try #require(status[path: "metadata", "continue"]?.string)
    let now = try await server.get("\(path)?limit=2&continue=\(rest)").object()
    #expect(texts(now).map { $0.prefix(2) } == ["c2", "c4"])
    // From here on the pages are of one revision again.
    #expect(now.resourceVersion == String(try server.revision) && now.metadata["remainingItemCount"] == 1)
    let last = try #require(now.metadata["continue"]?.string)
    _ = try await space.create(.configMaps, TestObjects.configMap("c6")).object(201)
    let end = try await server.get("\(path)?limit=2&continue=\(last)").object()
    #expect(end["items"]?.items.map(\.name) == ["c5"] && end.resourceVersion == now.resourceVersion)
    #expect(end.metadata["continue"] == nil)

    // Watches go on from where they were: the last changes are still there.
    let watch = try await server.watch("\(path)?watch=true&resourceVersion=\(revision)")
    #expect(try await watch.next()?.type == "DELETED")
    watch.cancel()
  }

  @Test func moreChangesThanAreRememberedEndThemToo() async throws {
    let space = try await space(with: 3)
    let (server, path) = (space.server, space.path(.configMaps))
    let before = try server.revision
    let token = try #require(try await server.get("\(path)?limit=1").object().metadata["continue"]?.string)
    // Other lists take its place among those that are kept, and large objects push its changes out.
    let filler = JSON.string(String(repeating: "x", count: 96 << 10))
    for index in 0..<70 {
      let patch: JSON = ["data": ["x": filler, "n": .string("\(index)")]]
      _ = try await server.patch(space.path(.configMaps, "c0"), patch).object()
      if index == 20 { #expect(try await server.get("\(path)?limit=1&continue=\(token)").code == 200) }
      _ = try await server.get("\(path)?limit=1").object()
    }
    try await server.get("\(path)?limit=1&continue=\(token)").refused(410, "Expired", Self.tooOldToken)
    try await exact(space, before).refused(410, "Expired", Self.tooOld)
  }

  @Test func aRestartKeepsWhatWasCompacted() async throws {
    let directory = TestServer.temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let first = TestServer(
      server: try await APIServer(TestServer.configuration(directory), logger: TestServer.logger))
    let space = try await first.namespace()
    var revisions: [Int64] = []
    for index in 0..<4 {
      _ = try await space.create(.configMaps, TestObjects.configMap("c\(index)")).object(201)
      revisions.append(try first.revision)
    }
    try await first.server.registry.compact(through: revisions[1])
    await first.server.registry.close()
    // The first server holds its folder until it is let go.
    let copy = TestServer.temporaryDirectory()
    try FileManager.default.copyItem(atPath: directory, toPath: copy)
    defer { try? FileManager.default.removeItem(atPath: copy) }
    let second = TestNamespace(
      server: TestServer(server: try await APIServer(TestServer.configuration(copy), logger: TestServer.logger)),
      name: space.name)
    try await exact(second, revisions[0]).refused(410, "Expired", Self.tooOld)
    for (index, revision) in revisions.enumerated().dropFirst() {
      #expect(try await exact(second, revision).object()["items"]?.items.count == index + 1)
    }
    await second.server.server.registry.close()
  }

  /// A client may know a revision that this resource's cache is only about to hear of.
  @Test func aRevisionThatComesIsWaitedFor() async throws {
    let space = try await space(with: 1)
    let (server, next) = (space.server, try space.server.revision + 1)
    let path = space.path(.configMaps)
    for (step, target) in [path, "\(path)/c0", "\(path)?watch=true"].enumerated() {
      async let made = Self.later(space)
      let begin = ContinuousClock.now
      let query = "\(target.contains("?") ? "&" : "?")resourceVersion=\(next + Int64(step))"
      let response = await server.server.handler.handle(
        APIServerRequest(method: .get, target: target + query, user: TestServer.administrator))
      if case .stream(let stream) = response.body { stream.cancel() }
      // On a machine that is too busy for the other request it was at least waited for.
      if response.status.code != 200 { #expect(ContinuousClock.now - begin > .seconds(2), "\(target): \(response)") }
      _ = try await made
    }
  }

  private static func later(_ space: TestNamespace) async throws -> JSON {
    try await Task.sleep(for: .milliseconds(50))
    let object: JSON = ["apiVersion": "v1", "kind": "Secret", "metadata": ["generateName": "s-"]]
    return try await space.create(.secrets, object).object(201)
  }
}
