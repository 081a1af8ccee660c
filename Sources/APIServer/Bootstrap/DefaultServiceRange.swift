import JSONTree
import KubernetesAPI
import Logging
import NetworkTypes

/// Keeps the range that the server was started with, the ServiceCIDR `kubernetes`: made where it is missing, given its
/// second family where that has come to the first, and ready from its first moment.
struct DefaultServiceRange: Sendable {
  private static let name = ObjectName(name: ServiceAddressPool.firstRange)
  private static let finalizer: JSON = "networking.k8s.io/service-cidr-finalizer"
  private static let retryDelay = Duration.seconds(1)

  private let registry: Registry
  private let blocks: [JSON]
  private let logger: Logger
  private let signal = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

  init(registry: Registry, blocks: [CIDR], logger: Logger) {
    self.registry = registry
    self.blocks = blocks.map { .string($0.description) }
    self.logger = logger
  }

  /// Puts it back where somebody has removed it, until the task is cancelled.
  func run() async {
    do {
      try registry.cache(of: .serviceCIDRs).observe { [signal] change in
        if change.isDeletion, change.object.name == Self.name { signal.continuation.yield() }
      }
    } catch {
      logger.error("the range of Services is not kept", metadata: ["error": "\(error)"])
      return
    }
    signal.continuation.yield()
    for await _ in signal.stream {
      do {
        try await ensure()
      } catch {
        logger.warning("the range of Services could not be put back", metadata: ["error": "\(error)"])
        // Where the sleep is cancelled the stream has ended too.
        try? await Task.sleep(for: Self.retryDelay)
        signal.continuation.yield()
      }
    }
  }

  func ensure() async throws(APIStatus) {
    guard let held = try registry.object(.serviceCIDRs, Self.name) else {
      do {
        _ = try await registry.create(.serviceCIDRs, ready(made()))
      } catch {
        // Somebody else has made it meanwhile.
        guard error.reason == "AlreadyExists" else { throw error }
      }
      return
    }
    var range = try held.tree()
    let had = range.spec["cidrs"]?.items ?? []
    if had.count == 1, blocks.count == 2, had[0] == blocks[0] {
      range[path: "spec", "cidrs"] = .array(blocks)
      range[path: "metadata", "generation"] = .int(range.generation + 1)
    } else if had != blocks {
      logger.warning(
        "the ServiceCIDR is not what the server was started with: start it so, or delete the ServiceCIDR",
        metadata: ["name": "\(Self.name)", "cidrs": "\(JSON.array(had))", "started with": "\(JSON.array(blocks))"])
      return
    }
    if range.condition("Ready") == nil, !range.isTerminating { range = ready(range) }
    guard try held.tree() != range else { return }
    _ = try await registry.replace(.serviceCIDRs, range, at: held.revision)
  }

  private func made() -> JSON {
    [
      "kind": "ServiceCIDR", "apiVersion": "networking.k8s.io/v1",
      "metadata": [
        "name": .string(Self.name.name), "uid": .string(UID.random()), "generation": 1,
        "creationTimestamp": .string(Timestamp.now.description), "finalizers": [Self.finalizer],
      ], "spec": ["cidrs": .array(blocks)],
    ]
  }

  private func ready(_ range: JSON) -> JSON {
    var range = range
    range.setCondition(
      "Ready", isTrue: true, message: "Kubernetes default Service CIDR is ready", at: Timestamp.now)
    // The schema asks for a reason, if only for an empty one.
    var conditions = range.status["conditions"]?.items ?? []
    for index in conditions.indices where conditions[index]["reason"] == nil { conditions[index]["reason"] = "" }
    range[path: "status", "conditions"] = .array(conditions)
    return range
  }
}
