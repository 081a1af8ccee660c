import APIClient
import JSONTree
import KubernetesAPI

/// One pod of one container, made, awaited and deleted through the API.
struct BenchPod: Sendable {
  static let namespace = "default"
  /// Of the archive .tools/images/busybox.tar.
  static let image = "switchboard/busybox:1"
  /// Ends at once when told to, so that no round waits for a grace period.
  static let command = ["sh", "-c", "trap exit TERM; sleep 3600 & wait"]

  let name: String
  let client: APIClient
  /// The node it is to run on; `nil`: any.
  var node: String?
  var labels: [String: String] = [:]

  private static let limit = Duration.seconds(30)

  private var object: JSON {
    var object: JSON = [
      "metadata": [
        "name": .string(name), "namespace": .string(Self.namespace), "labels": [:],
      ],
      "spec": [
        "containers": [
          [
            "name": "main", "image": .string(Self.image), "imagePullPolicy": "IfNotPresent",
            // The name tells its process from others.
            "command": .array((Self.command + [name]).map { .string($0) }),
          ]
        ]
      ],
    ]
    for (key, value) in labels { object[path: "metadata", "labels", key] = .string(value) }
    if let node { object[path: "spec", "nodeName"] = .string(node) }
    return object
  }

  /// Creates the pod; returns from when to when it took to be ready, the create included.
  func create() async throws -> (begin: ContinuousClock.Instant, ready: ContinuousClock.Instant) {
    try await Deadline.run(Self.limit, "pod \(name) to be ready") {
      let events = try await watch()
      let begin = ContinuousClock.now
      _ = try await client.create(.pods, object)
      for try await event in events {
        switch event {
        case .added(let pod), .modified(let pod):
          if pod.isPodReady { return (begin, .now) }
          if pod.isPodFinished { throw BenchError(.unexpected, "pod \(name) ended: \(pod.status)") }
        case .deleted: throw BenchError(.unexpected, "somebody deleted pod \(name)")
        case .bookmark: break
        }
      }
      throw BenchError(.unexpected, "the watch of pod \(name) ended")
    }
  }

  /// Deletes the pod and waits until it is gone: the node forgets it last.
  func delete() async throws {
    try await Deadline.run(Self.limit, "pod \(name) to be gone") {
      let events = try await watch()
      try await client.delete(.pods, namespace: Self.namespace, name: name)
      for try await event in events { if case .deleted = event { return } }
      throw BenchError(.unexpected, "the watch of pod \(name) ended")
    }
  }

  /// This pod's events from now on.
  private func watch() async throws -> WatchEvents {
    var options = ListOptions(fieldSelector: "metadata.name=\(name)")
    options.resourceVersion = try await client.list(.pods, namespace: Self.namespace, options: options).resourceVersion
    return try await client.watch(.pods, namespace: Self.namespace, options: options, bookmarks: false)
  }
}
