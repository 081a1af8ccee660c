import APIClient
import APITesting
import JSONTree
import KubernetesAPI
import Logging
import ServiceLifecycle
import Testing

@testable import Controllers

/// Controllers at work on an API in memory, with a node agent that makes pods ready at once and lets them end at once.
struct ControllerRun {
  let api: FakeAPI
  let context: ControllerContext
  let informers: InformerFactory
  /// The images whose pods never become ready.
  var brokenImages: Set<String> = ["broken"]

  init(api: FakeAPI = FakeAPI()) {
    self.api = api
    let logger = Logger(label: "test")
    informers = InformerFactory(client: api.client, logger: logger)
    context = ControllerContext(client: api.client, informers: informers, logger: logger)
  }

  var client: APIClient { api.client }

  /// Runs the controllers while `body` runs.
  func callAsFunction(_ controllers: [any Service], _ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup { group in
      for controller in controllers { group.addTask { try await controller.run() } }
      group.addTask { await runPods() }
      group.addTask { await informers.run() }
      try await body()
      group.cancelAll()
    }
  }

  private func runPods() async {
    let informer = Informer(client: api.client, kind: .pods, logger: Logger(label: "test"))
    await withDiscardingTaskGroup { group in
      group.addTask { await informer.run() }
      for await event in informer.subscribe() {
        guard let pod = event.object else { continue }
        if case .deleted = event { continue }
        if pod.isTerminating {
          if pod.finalizers.isEmpty { api.remove(.pods, pod.objectName) }
        } else if pod.podPhase == "Pending" {
          var running = pod
          if running.nodeName.isEmpty { running[path: "spec", "nodeName"] = "node-1" }
          running[path: "status", "phase"] = "Running"
          let image = pod.spec["containers"]?.items.first?["image"]?.string ?? ""
          running.setCondition("Ready", isTrue: !brokenImages.contains(image), at: .now)
          if api.object(.pods, pod.objectName)?.uid == pod.uid { api.put(.pods, running) }
        }
      }
    }
  }

  /// Waits until the objects of a kind are as described; records an issue after half a minute.
  @discardableResult
  func wait(
    _ kind: ResourceKind, _ what: String, sourceLocation: SourceLocation = #_sourceLocation,
    until condition: ([JSON]) -> Bool
  ) async -> [JSON] {
    let deadline = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < deadline {
      let objects = api.objects(kind)
      if condition(objects) { return objects }
      try? await Task.sleep(for: .milliseconds(2))
    }
    let found = api.objects(kind).map(\.description).joined(separator: "\n")
    Issue.record("not within 30 s: \(what); there is\n\(found)", sourceLocation: sourceLocation)
    return api.objects(kind)
  }
}
