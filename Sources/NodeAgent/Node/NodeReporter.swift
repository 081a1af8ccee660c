import APIClient
import ContainerRuntime
import JSONTree
import KubernetesAPI
import Logging

/// Registers the node and keeps its status true.
actor NodeReporter {
  private let client: APIClient
  private let runtime: any RuntimeService
  private let configuration: NodeAgentConfiguration
  private let machine: MachineFacts
  private let clock: any Clock<Duration>
  private let now: @Sendable () -> Timestamp
  private let logger: Logger
  private var written: (isReady: Bool, message: String)?

  init(
    client: APIClient, runtime: any RuntimeService, configuration: NodeAgentConfiguration, machine: MachineFacts,
    clock: any Clock<Duration>, now: @escaping @Sendable () -> Timestamp, logger: Logger
  ) {
    self.client = client
    self.runtime = runtime
    self.configuration = configuration
    self.machine = machine
    self.clock = clock
    self.now = now
    self.logger = logger
  }

  /// Makes the Node or brings an existing one up to date; tries until it succeeds or the task is cancelled.
  func register() async {
    var delay = Duration.milliseconds(50)
    while !Task.isCancelled {
      do {
        try await report()
        return
      } catch {
        logger.warning(
          "The node could not be registered; trying again.",
          metadata: ["node": "\(configuration.nodeName)", "error": "\(error)"])
        guard (try? await clock.sleep(for: delay)) != nil else { return }
        delay = min(delay * 2, .seconds(2))
      }
    }
  }

  /// Reports now and then, at once while the runtime is not ready.
  func run() async {
    while !Task.isCancelled {
      let pause = written?.isReady == true ? configuration.statusInterval : .milliseconds(200)
      guard (try? await clock.sleep(for: pause)) != nil else { return }
      do {
        try await report()
      } catch {
        logger.warning("The node's status could not be written.", metadata: ["error": "\(error)"])
      }
    }
  }

  private func report() async throws {
    let ready = await readiness()
    let version = try? await runtime.version()
    let object = NodeObject(
      configuration: configuration, machine: machine,
      runtimeVersion: version.map { "\($0.runtimeName)://\($0.runtimeVersion)" } ?? "containerd://unknown")
    if let node = try await client.find(.nodes, name: configuration.nodeName) {
      if let patch = object.labelPatch(for: node) {
        _ = try await client.patch(.nodes, name: configuration.nodeName, type: .merge, patch)
      }
      // While nothing changed, a status is written for its heartbeat only.
      if let written, written == ready, !isStale(node) { return }
      let status = object.status(previous: node.status, ready: ready, now: now())
      var patch: JSON = ["status": status]
      if var addresses = status["addresses"]?.array {
        addresses.insert(["$patch": "replace"], at: 0)
        patch[path: "status", "addresses"] = .array(addresses)
      }
      _ = try await client.patch(
        .nodes, name: configuration.nodeName, type: .strategic, patch, subresource: "status")
    } else {
      let created = try await client.create(.nodes, object.new(ready: ready, now: now()))
      if created.status["addresses"] == nil {
        // A server that keeps the status of a new object to itself gets it by the proper way.
        _ = try await client.patch(
          .nodes, name: configuration.nodeName, type: .strategic,
          ["status": object.status(previous: [:], ready: ready, now: now())], subresource: "status")
      }
    }
    written = ready
  }

  private func isStale(_ node: JSON) -> Bool {
    let condition = (node.status["conditions"]?.items ?? []).first { $0["type"]?.string == "Ready" }
    guard condition?["status"]?.string == (written?.isReady == true ? "True" : "False"),
      let text = condition?["lastHeartbeatTime"]?.string, let beat = Timestamp(text)
    else { return true }
    return now() - beat > .seconds(240)
  }

  private func readiness() async -> (isReady: Bool, message: String) {
    do {
      let conditions = try await runtime.conditions()
      for name in ["RuntimeReady", "NetworkReady"] {
        guard let condition = conditions.first(where: { $0.type == name }), condition.status else {
          let found = conditions.first { $0.type == name }
          return (
            false,
            "container runtime \(name == "NetworkReady" ? "network " : "")not ready: \(name)=false reason:"
              + "\(found?.reason ?? "") message:\(found?.message ?? "")"
          )
        }
      }
      return (true, "kubelet is posting ready status")
    } catch {
      return (false, "the container runtime does not answer: \(error)")
    }
  }
}
