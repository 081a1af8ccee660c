import ContainerRuntime
import KubernetesAPI

/// What the runtime has of one pod, newest first. All a restarted agent needs to go on.
struct PodRuntime: Sendable, Hashable {
  struct Sandbox: Sendable, Hashable {
    var id: String
    var attempt: UInt32
    var isReady: Bool
    var createdAt: Int64
    var addresses: [String]
  }

  enum State: Sendable, Hashable {
    case created, running, exited, unknown
  }

  struct Container: Sendable, Hashable {
    var id: String
    var sandboxID: String
    var name: String
    var attempt: UInt32
    var state: State
    var createdAt: Int64 = 0
    var startedAt: Int64 = 0
    var finishedAt: Int64 = 0
    var exitCode: Int32 = 0
    var reason = ""
    var message = ""
    var imageReference = ""
    /// The ``ContainerDefinition`` it was made from; empty where it says nothing of it.
    var definition = ""
    /// Relative to nothing: the whole path of the log.
    var logPath = ""
  }

  var sandboxes: [Sandbox] = []
  /// By container name.
  var containers: [String: [Container]] = [:]

  var currentSandbox: Sandbox? { sandboxes.first }
  var readySandbox: Sandbox? { sandboxes.first.flatMap { $0.isReady ? $0 : nil } }

  func newest(_ name: String) -> Container? { containers[name]?.first }

  /// The newest of the current sandbox.
  func current(_ name: String) -> Container? {
    guard let newest = newest(name), newest.sandboxID == currentSandbox?.id else { return nil }
    return newest
  }

  func isRunning(_ name: String) -> Bool { newest(name)?.state == .running }

  var allContainers: [Container] { containers.values.flatMap { $0 } }
  var hasRunningContainers: Bool { allContainers.contains { $0.state == .running } }

  /// CRI counts nanoseconds since 1970.
  static func timestamp(_ nanoseconds: Int64) -> Timestamp {
    Timestamp(seconds: nanoseconds / 1_000_000_000, nanoseconds: Int32(nanoseconds % 1_000_000_000))
  }
}
