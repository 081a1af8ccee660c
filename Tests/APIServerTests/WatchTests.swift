import JSONTree
import KubernetesAPI
import NIOCore
import Testing

@testable import APIServer

@Suite struct WatchTests {
  @Test func changesComeOnceInOrderAndAsTheyWere() async throws {
    let space = try await TestServer.shared.namespace()
    let watch = try await space.server.watch(space.path(.configMaps) + "?watch=true")
    let path = space.path(.configMaps, "a")
    let made = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    let changed = try await space.server.patch(path, ["data": ["x": "1"]]).object()
    _ = try await space.server.delete(path).object()
    let events = try await [watch.next(), watch.next(), watch.next()].compactMap { $0 }
    #expect(events.map(\.type) == ["ADDED", "MODIFIED", "DELETED"])
    #expect(events[0].object == made && events[1].object == changed)
    #expect(events[2].object["data"] == ["x": "1"])
    let revisions = try events.map { try #require(Int64($0.object.resourceVersion)) }
    #expect(revisions[0] < revisions[1] && revisions[1] < revisions[2])
  }

  @Test(arguments: ["", "&resourceVersion=0"])
  func aWatchFromAnywhereBeginsWithWhatThereIs(query: String) async throws {
    let space = try await TestServer.shared.namespace()
    for name in ["a", "b"] { _ = try await space.create(.configMaps, TestObjects.configMap(name)).object(201) }
    let watch = try await space.server.watch(space.path(.configMaps) + "?watch=true\(query)")
    #expect(try await watch.next(2) == ["ADDED a", "ADDED b"])
    _ = try await space.create(.configMaps, TestObjects.configMap("c")).object(201)
    #expect(try await watch.next(1) == ["ADDED c"])
  }

  @Test func aWatchFromARevisionMissesNothing() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.configMaps, "a")
    let made = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    _ = try await space.server.patch(path, ["data": ["x": "1"]]).object()
    _ = try await space.create(.configMaps, TestObjects.configMap("b")).object(201)
    _ = try await space.server.delete(path).object()
    let watch = try await space.server.watch(
      space.path(.configMaps) + "?watch=true&resourceVersion=\(made.resourceVersion)")
    #expect(try await watch.next(3) == ["MODIFIED a", "ADDED b", "DELETED a"])
  }

  @Test func theOldPathOfWatchesIsServed() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    let watch = try await space.server.watch("/api/v1/watch/namespaces/\(space.name)/configmaps")
    #expect(try await watch.next(1) == ["ADDED a"])
  }

  @Test func oneObjectIsWatched() async throws {
    let space = try await TestServer.shared.namespace()
    for name in ["a", "b"] { _ = try await space.create(.configMaps, TestObjects.configMap(name)).object(201) }
    let watch = try await space.server.watch(
      space.path(.configMaps) + "?watch=true&fieldSelector=metadata.name%3Db")
    #expect(try await watch.next(1) == ["ADDED b"])
    for name in ["a", "b"] {
      _ = try await space.server.patch(space.path(.configMaps, name), ["data": ["x": "1"]]).object()
    }
    #expect(try await watch.next(1) == ["MODIFIED b"])
  }

  @Test func anObjectThatLeavesTheSelectionIsDeletedForItsWatchers() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.configMaps, "a")
    _ = try await space.create(.configMaps, TestObjects.configMap("a", labels: ["app": "x"])).object(201)
    let watch = try await space.server.watch(space.path(.configMaps) + "?watch=true&labelSelector=app%3Dx")
    #expect(try await watch.next(1) == ["ADDED a"])
    let left = try await space.server.patch(path, ["metadata": ["labels": ["app": "y"]]]).object()
    let event = try #require(try await watch.next())
    #expect(event.type == "DELETED")
    // As it was while it was selected, under the revision of the change.
    #expect(event.object.labels == ["app": "x"] && event.object.resourceVersion == left.resourceVersion)
    _ = try await space.server.patch(path, ["data": ["x": "1"]]).object()
    _ = try await space.server.patch(path, ["metadata": ["labels": ["app": "x"]]]).object()
    #expect(try await watch.next(1) == ["ADDED a"])
  }

  @Test func initialEventsEndWithAMarkedBookmark() async throws {
    let server = try await TestServer()
    let space = try await server.namespace()
    _ = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    let watch = try await server.watch(
      space.path(.configMaps)
        + "?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan")
    #expect(try await watch.next(1) == ["ADDED a"])
    let bookmark = try #require(try await watch.next())
    #expect(bookmark.type == "BOOKMARK" && bookmark.object.kind == "ConfigMap" && bookmark.object.apiVersion == "v1")
    #expect(bookmark.object.annotations == ["k8s.io/initial-events-end": "true"])
    #expect(bookmark.object.resourceVersion == String(try server.revision))
  }

  @Test func aWatchMayBeginWithTheNextChange() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    let watch = try await space.server.watch(
      space.path(.configMaps) + "?watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan")
    _ = try await space.create(.configMaps, TestObjects.configMap("b")).object(201)
    #expect(try await watch.next(1) == ["ADDED b"])
  }

  @Test(arguments: [
    (
      "sendInitialEvents=true",
      "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
    ),
    (
      "resourceVersionMatch=NotOlderThan",
      "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
    ),
  ])
  func watchOptionsMustMakeSense(query: String, message: String) async throws {
    try await TestServer.shared.get("/api/v1/pods?watch=true&\(query)").refused(
      422, "Invalid", "ListOptions.meta.k8s.io \"\" is invalid: \(message)")
  }

  @Test func bookmarksGoToThoseWhoAskedForThem() async throws {
    let server = try await TestServer()
    let target = "/api/v1/configmaps?watch=true&resourceVersion=\(try server.revision)"
    let asked = try await server.watch("\(target)&allowWatchBookmarks=true")
    let plain = try await server.watch(target)
    _ = try await server.namespace()  // Other kinds move the revision too.
    let cache = try server.server.registry.cache(of: .configMaps)
    cache.sendBookmarks()
    let bookmark = try #require(try await asked.next())
    #expect(bookmark.type == "BOOKMARK")
    #expect(bookmark.object.resourceVersion == String(try server.revision))
    #expect(bookmark.object.annotations.isEmpty)
    cache.endWatches(before: .distantFuture)
    #expect(try await plain.next() == nil)
    // Whoever asked is told once more where to go on.
    #expect(try await asked.next()?.type == "BOOKMARK")
    #expect(try await asked.next() == nil)
  }

  @Test func aRevisionOfTheFutureIsRefused() async throws {
    let server = try await TestServer()
    let current = try server.revision
    try await server.get("/api/v1/pods?watch=true&resourceVersion=\(current + 5)").refused(
      504, "Timeout", "Timeout: Too large resource version: \(current + 5), current: \(current)")
  }

  @Test func aForgottenRevisionEndsTheWatchWithExpired() async throws {
    let server = try await TestServer()
    let space = try await server.namespace()
    let first = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    try await space.pushOutHistory("a")
    let watch = try await server.watch(
      space.path(.configMaps) + "?watch=true&resourceVersion=\(first.resourceVersion)")
    let event = try #require(try await watch.next())
    #expect(event.type == "ERROR")
    #expect(event.object.kind == "Status" && event.object["reason"] == "Expired" && event.object["code"] == 410)
    #expect(event.object["message"]?.string?.hasPrefix("too old resource version: \(first.resourceVersion) (") == true)
    #expect(try await watch.next() == nil)
  }

  @Test func aWatchEndsAtItsTimeout() async throws {
    let space = try await TestServer.shared.namespace()
    let watch = try await space.server.watch(space.path(.configMaps) + "?watch=true&timeoutSeconds=1")
    let cache = try space.server.server.registry.cache(of: .configMaps)
    cache.endWatches(before: .now() + .milliseconds(1_100))
    #expect(try await watch.next() == nil)
  }

  @Test func aCancelledWatchIsForgotten() async throws {
    let server = try await TestServer()
    let cache = try server.server.registry.cache(of: .secrets)
    let watch = try await server.watch("/api/v1/secrets?watch=true")
    #expect(cache.watcherCount == 1)
    watch.cancel()
    #expect(cache.watcherCount == 0)
    #expect(try await watch.next() == nil)
  }

  @Test func metadataAndTablesAreWatched() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.configMaps, TestObjects.configMap("a", data: ["x": "1"])).object(201)
    let target = space.path(.configMaps) + "?watch=true"
    let metadata = try await space.server.watch(
      target, accept: "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io")
    let event = try #require(try await metadata.next())
    #expect(event.object.kind == "PartialObjectMetadata" && event.object.name == "a" && event.object["data"] == nil)
    let table = try await space.server.watch(target, accept: "application/json;as=Table;v=v1;g=meta.k8s.io")
    let row = try #require(try await table.next())
    #expect(row.object.kind == "Table" && row.object["rows"]?.items.first?["cells"]?.items.first == "a")
  }

  @Test func manyChangesReachEveryWatcherInOrder() async throws {
    let space = try await TestServer.shared.namespace()
    let target = space.path(.configMaps) + "?watch=true"
    let watches = try await [space.server.watch(target), space.server.watch(target)]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<4 {
        group.addTask {
          for index in 0..<25 {
            _ = try await space.create(.configMaps, TestObjects.configMap("w\(writer)-\(index)")).object(201)
          }
        }
      }
      try await group.waitForAll()
    }
    for watch in watches {
      var revisions: [Int64] = []
      while revisions.count < 100, let event = try await watch.next() {
        revisions.append(try #require(Int64(event.object.resourceVersion)))
      }
      #expect(revisions.count == 100 && Set(revisions).count == 100 && revisions == revisions.sorted())
    }
  }
}
