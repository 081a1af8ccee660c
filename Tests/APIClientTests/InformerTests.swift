import APIClient
import APITesting
import JSONTree
import KubernetesAPI
import Logging
import Testing

@Suite("Informer")
struct InformerTests {
  private let api = FakeAPI()

  private func configMap(_ name: String, labels: [String: String] = [:], data: String = "") -> JSON {
    [
      "metadata": [
        "name": .string(name), "namespace": "default", "labels": .object(JSONObject(labels.map { ($0, $1) })),
      ],
      "data": ["key": .string(data)],
    ]
  }

  private func informer(_ configuration: InformerConfiguration = InformerConfiguration()) -> Informer {
    var configuration = configuration
    configuration.backoff = Backoff(initial: .milliseconds(1), maximum: .milliseconds(5))
    return Informer(
      client: api.client, kind: .configMaps, configuration: configuration, logger: Logger(label: "test"))
  }

  /// Runs the informer while `body` reads its events.
  private func withEvents(
    of informer: Informer, _ body: (inout AsyncStream<InformerEvent>.Iterator) async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup { group in
      group.addTask { await informer.run() }
      var events = informer.subscribe().makeAsyncIterator()
      try await body(&events)
      group.cancelAll()
    }
  }

  private func text(_ event: InformerEvent?) -> String {
    switch event {
    case .added(let object): "+\(object.name)"
    case .updated(let old, let new): "\(old["data"]?["key"]?.string ?? "")>\(new["data"]?["key"]?.string ?? "")"
    case .deleted(let object): "-\(object.name)"
    case .synced: "synced"
    case nil: "end"
    }
  }

  @Test func tellsWhatExistsThenEveryChange() async throws {
    api.put(.configMaps, configMap("a", data: "1"))
    let informer = informer()
    try await withEvents(of: informer) { events in
      #expect(text(await events.next()) == "+a")
      #expect(text(await events.next()) == "synced")
      let created = try await api.client.create(.configMaps, configMap("b", data: "1"))
      #expect(text(await events.next()) == "+b")
      var changed = created
      changed[path: "data", "key"] = "2"
      _ = try await api.client.update(.configMaps, changed)
      #expect(text(await events.next()) == "1>2")
      #expect(informer.get(namespace: "default", name: "b")?["data"]?["key"] == "2")
      try await api.client.delete(.configMaps, namespace: "default", name: "a")
      #expect(text(await events.next()) == "-a")
      #expect(informer.names == [ObjectName(namespace: "default", name: "b")])
    }
  }

  @Test func resumesWithoutListingAfterABrokenWatch() async throws {
    let informer = informer()
    try await withEvents(of: informer) { events in
      #expect(text(await events.next()) == "synced")
      api.disconnect()
      api.put(.configMaps, configMap("a"))
      api.reconnect()
      #expect(text(await events.next()) == "+a")
      #expect(api.requests.filter { !$0.isWatch }.count == 1)
    }
  }

  @Test func listsAgainWhenTheServerForgotAndTellsTheDifference() async throws {
    api.put(.configMaps, configMap("gone", data: "1"))
    api.put(.configMaps, configMap("kept", data: "1"))
    let informer = informer()
    try await withEvents(of: informer) { events in
      for _ in 0..<3 { _ = await events.next() }
      api.disconnect()
      api.remove(.configMaps, ObjectName(namespace: "default", name: "gone"))
      var kept = try #require(api.objects(.configMaps).first)
      kept[path: "data", "key"] = "2"
      api.put(.configMaps, kept)
      api.put(.configMaps, configMap("new"))
      api.compact()
      api.reconnect()
      var seen: Set<String> = []
      for _ in 0..<3 { seen.insert(text(await events.next())) }
      #expect(seen == ["-gone", "1>2", "+new"])
    }
  }

  @Test func aReplacedObjectIsADeletionAndACreation() async throws {
    api.put(.configMaps, configMap("a"))
    let informer = informer()
    try await withEvents(of: informer) { events in
      for _ in 0..<2 { _ = await events.next() }
      api.disconnect()
      api.remove(.configMaps, ObjectName(namespace: "default", name: "a"))
      api.put(.configMaps, configMap("a"))
      api.compact()
      api.reconnect()
      #expect(text(await events.next()) == "-a")
      #expect(text(await events.next()) == "+a")
    }
  }

  @Test func readsListsInPages() async throws {
    for index in 0..<7 { api.put(.configMaps, configMap("c\(index)")) }
    var configuration = InformerConfiguration(retention: .text)
    configuration.pageSize = 3
    let informer = informer(configuration)
    try await withEvents(of: informer) { _ in
      try await informer.waitForSync()
      #expect(informer.count == 7)
      #expect(api.requests.filter { !$0.isWatch }.count == 3)
    }
  }

  @Test func selectorsSeeObjectsComeAndGo() async throws {
    let informer = informer(InformerConfiguration(labelSelector: "app=web"))
    try await withEvents(of: informer) { events in
      #expect(text(await events.next()) == "synced")
      var object = try await api.client.create(.configMaps, configMap("a", labels: ["app": "web"]))
      #expect(text(await events.next()) == "+a")
      object[path: "metadata", "labels", "app"] = "db"
      _ = try await api.client.update(.configMaps, object)
      #expect(text(await events.next()) == "-a")
    }
  }

  @Test func indexesFollowChanges() async throws {
    let informer = informer()
    informer.addIndex("data") { [$0["data"]?["key"]?.string ?? ""] }
    try await withEvents(of: informer) { events in
      _ = await events.next()
      let object = api.put(.configMaps, configMap("a", data: "x"))
      _ = await events.next()
      #expect(informer.list(index: "data", key: "x").map(\.name) == ["a"])
      var changed = object
      changed[path: "data", "key"] = "y"
      api.put(.configMaps, changed)
      _ = await events.next()
      #expect(informer.list(index: "data", key: "x").isEmpty)
      #expect(informer.contains(index: "data", key: "y"))
    }
  }

  @Test func referencesAreEnoughToTellWhatChangedAndWhatWent() async throws {
    let gone = api.put(.configMaps, configMap("gone", data: "1"))
    api.put(.configMaps, configMap("kept", data: "1"))
    api.put(.configMaps, configMap("replaced", data: "1"))
    let informer = informer(InformerConfiguration(retention: .references))
    try await withEvents(of: informer) { events in
      for _ in 0..<3 { #expect(await events.next()?.object?["data"]?["key"] == "1") }
      #expect(text(await events.next()) == "synced")
      api.disconnect()
      let name = ObjectName(namespace: "default", name: "gone")
      api.remove(.configMaps, name)
      api.remove(.configMaps, ObjectName(namespace: "default", name: "replaced"))
      api.put(.configMaps, configMap("replaced", data: "2"))
      let kept = try #require(api.objects(.configMaps).first { $0.name == "kept" })
      api.compact()
      api.reconnect()
      var seen: Set<String> = []
      for _ in 0..<3 {
        let event = await events.next()
        seen.insert(text(event))
        guard case .deleted(let object) = event, object.name == "gone" else { continue }
        #expect(object.objectName == name && object.resourceVersion == gone.resourceVersion && object.uid == gone.uid)
      }
      #expect(seen == ["-gone", "-replaced", "+replaced"])
      // One that is as it was told is told no more, and one that is not is told whole.
      var changed = kept
      changed[path: "data", "key"] = "3"
      api.put(.configMaps, changed)
      guard case .updated(let old, let new) = await events.next() else {
        Issue.record("the change of an object is no update")
        return
      }
      #expect(old.resourceVersion == kept.resourceVersion && old["data"] == nil && new["data"]?["key"] == "3")
      #expect(informer.count == 2 && informer.get(namespace: "default", name: "kept")?["data"] == nil)
    }
  }

  @Test func aLateSubscriberGetsEverything() async throws {
    api.put(.configMaps, configMap("a"))
    let informer = informer()
    try await withEvents(of: informer) { _ in
      try await informer.waitForSync()
      var late = informer.subscribe().makeAsyncIterator()
      #expect(text(await late.next()) == "+a")
      #expect(text(await late.next()) == "synced")
    }
  }
}
