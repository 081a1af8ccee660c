import JSONTree
import KubernetesAPI
import Logging

/// Keeps the built-in flow schemas and priority levels there, and says of each schema whether its level is.
struct FlowObjects: Sendable {
  private let bootstrap: Bootstrap
  private let logger: Logger
  private let signal = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  /// As often as upstream puts back what somebody deleted.
  private static let interval = Duration.seconds(60)
  private static let retryDelay = Duration.seconds(1)

  private var registry: Registry { bootstrap.handler.configuration.registry }

  init(bootstrap: Bootstrap, logger: Logger) throws(APIStatus) {
    self.bootstrap = bootstrap
    self.logger = logger
    for kind: ResourceKind in [.flowSchemas, .priorityLevels] {
      try registry.cache(of: kind).observe { [signal] _ in signal.continuation.yield() }
    }
    signal.continuation.yield()
  }

  /// Follows the objects until the task is cancelled.
  func run() async {
    await withDiscardingTaskGroup { group in
      group.addTask { await keepStatuses() }
      group.addTask { await keepObjects() }
    }
  }

  private func keepObjects() async {
    // A sleep fails where the server ends.
    while (try? await Task.sleep(for: Self.interval)) != nil {
      do {
        try await bootstrap.ensureFlowControl()
      } catch {
        logger.warning("the objects of flow control could not be put back", metadata: ["error": "\(error)"])
      }
    }
  }

  private func keepStatuses() async {
    for await _ in signal.stream {
      var hasFailed = false
      for object in (try? registry.cache(of: .flowSchemas).view.objects) ?? SortedObjects() {
        do {
          try await settle(object)
        } catch let error as APIStatus where error.reason == "Conflict" {
          // Somebody else wrote it meanwhile, which is a signal of its own.
        } catch {
          hasFailed = true
          logger.warning("the status of a flow schema could not be written", metadata: ["error": "\(error)"])
        }
      }
      guard hasFailed else { continue }
      // Where the sleep is cancelled the stream has ended too.
      try? await Task.sleep(for: Self.retryDelay)
      signal.continuation.yield()
    }
  }

  /// Brings the condition `Dangling` of one schema to what is the case.
  private func settle(_ object: CachedObject) async throws {
    let schema = try object.tree()
    let level = schema.spec[path: "priorityLevelConfiguration", "name"]?.string ?? ""
    let isThere =
      try registry.object(.priorityLevels, ObjectName(name: level)) != nil
      || BuiltInFlowControl.mandatory.contains(level)
    var told = schema
    told.setCondition(
      "Dangling", isTrue: !isThere, reason: isThere ? "Found" : "NotFound",
      message: "This FlowSchema references the PriorityLevelConfiguration object named \(level.goQuoted) "
        + (isThere ? "and it exists" : "but there is no such object"), at: .now)
    guard told != schema else { return }
    _ = try await registry.replace(.flowSchemas, told, at: object.revision)
  }
}
