import ContainerRuntime
import FoundationEssentials
import KubernetesAPI
import Synchronization

/// A container runtime in memory. What a real one would never be asked by a sound agent (a start without a create, an
/// id it never gave, the removal of what runs, a second sandbox of one attempt…) it refuses and keeps in
/// ``violations``, which every test expects to be empty.
final class FakeRuntime: RuntimeService {
  struct Sandbox {
    var config: CRI.PodSandboxConfig
    var isReady = true
    var createdAt: Int64
    var address: String
  }

  struct Container {
    var config: CRI.ContainerConfig
    var sandboxID: String
    var state = CRI.ContainerState.containerCreated
    var createdAt: Int64
    var startedAt: Int64 = 0
    var finishedAt: Int64 = 0
    var exitCode: Int32 = 0
    var reason = ""
    var logPath: String
  }

  typealias Subscriber = AsyncThrowingStream<RuntimeEvent, any Error>.Continuation

  struct State {
    var sandboxes: [String: Sandbox] = [:]
    var containers: [String: Container] = [:]
    var images: [String: CRI.Image] = [:]
    /// Who may pull an image, where not everybody.
    var registryUsers: [String: String] = [:]
    var pullable: Set<String> = []
    var failures: [String: ContainerRuntimeError] = [:]
    var startExits: [String: Int32] = [:]
    var stopExits: [String: Int32] = [:]
    /// Containers that take no notice of a signal.
    var stubborn: Set<String> = []
    /// What changes something, as `start main#1`.
    var calls: [String] = []
    var violations: [String] = []
    var issued: Set<String> = []
    var counter = 0
    var subscribers: [Subscriber] = []
    var isReachable = true
    var session: FakeSession?
    var execRequests: [ExecRequest] = []
    var runResult: CRI.ExecResult?
    /// By container name.
    var written: [String: Int64] = [:]
  }

  let state = Mutex(State())
  private let now: @Sendable () -> Timestamp

  /// - Parameter images: those that are present.
  init(images: [String] = ["app:1"], now: @escaping @Sendable () -> Timestamp = { Timestamp(seconds: 1) }) {
    self.now = now
    for image in images { addImage(image) }
  }

  var nanoseconds: Int64 { now().seconds * 1_000_000_000 + Int64(now().nanoseconds) }

  // MARK: What tests see

  var calls: [String] { state.withLock(\.calls) }
  var violations: [String] { state.withLock(\.violations) }
  var isEmpty: Bool { state.withLock { $0.sandboxes.isEmpty && $0.containers.isEmpty } }

  func containerID(_ name: String) -> String? {
    state.withLock { state in
      state.containers.filter { $0.value.config.metadata.name == name }
        .max { $0.value.config.metadata.attempt < $1.value.config.metadata.attempt }?.key
    }
  }

  func config(_ name: String) -> CRI.ContainerConfig? {
    containerID(name).flatMap { id in state.withLock { $0.containers[id]?.config } }
  }

  func isRunning(_ name: String) -> Bool {
    containerID(name).map { id in state.withLock { $0.containers[id]?.state == .containerRunning } } ?? false
  }

  // MARK: What tests do

  func addImage(_ reference: String) {
    var image = CRI.Image()
    image.id = "sha256:\(reference)"
    image.repoTags = [reference]
    image.size = 1000
    let record = image
    state.withLock { $0.images[reference] = record }
  }

  func allowPull(of reference: String) { state.withLock { _ = $0.pullable.insert(reference) } }

  func allowPull(of reference: String, by user: String) {
    state.withLock {
      $0.pullable.insert(reference)
      $0.registryUsers[reference] = user
    }
  }

  /// Lets the next calls of this text (`start main`, `runSandbox`) fail until told otherwise.
  func fail(_ call: String, with error: ContainerRuntimeError?) { state.withLock { $0.failures[call] = error } }

  /// Containers of this name end with `code` as soon as they are started.
  func exitAtOnce(_ name: String, code: Int32?) { state.withLock { $0.startExits[name] = code } }

  /// Containers of this name end with `code` when they are stopped.
  func exitOnStop(_ name: String, code: Int32) { state.withLock { $0.stopExits[name] = code } }
  /// Calls that stop containers of this name return once a test ends them.
  func ignoreStops(of name: String) { state.withLock { _ = $0.stubborn.insert(name) } }

  /// The main process of the newest container of this name ends.
  func exit(_ name: String, code: Int32, reason: String = "") {
    guard let id = containerID(name) else { return }
    end(id, code: code, reason: reason)
  }

  func end(_ id: String, code: Int32, reason: String = "") {
    let time = nanoseconds
    let subscribers = state.withLock { state -> [Subscriber] in
      guard state.containers[id]?.state == .containerRunning else { return [] }
      state.containers[id]?.state = .containerExited
      state.containers[id]?.finishedAt = time
      state.containers[id]?.exitCode = code
      state.containers[id]?.reason = reason.isEmpty ? (code == 0 ? "Completed" : "Error") : reason
      return state.subscribers
    }
    for subscriber in subscribers { subscriber.yield(RuntimeEvent(containerID: id, kind: .exited(code: UInt32(code)))) }
  }

  /// Tells of the end of a container that the lists still show running.
  func announceEnd(of name: String) {
    guard let id = containerID(name) else { return }
    for subscriber in state.withLock(\.subscribers) {
      subscriber.yield(RuntimeEvent(containerID: id, kind: .exited(code: 1)))
    }
  }

  /// The process that holds the sandbox ends, and everything in it.
  func loseSandbox() {
    let lost = state.withLock { state in
      let ids = state.sandboxes.filter(\.value.isReady).map(\.key)
      for id in ids { state.sandboxes[id]?.isReady = false }
      return (sandboxes: ids, containers: state.containers.map(\.key), subscribers: state.subscribers)
    }
    for id in lost.containers { end(id, code: 137) }
    for id in lost.sandboxes {
      for subscriber in lost.subscribers {
        subscriber.yield(RuntimeEvent(containerID: id, kind: .exited(code: 137)))
      }
    }
  }

  func setWritten(_ bytes: Int64, by name: String) { state.withLock { $0.written[name] = bytes } }

  /// What the next commands talk to; `nil`: they cannot begin.
  func answerExec(with session: FakeSession?) { state.withLock { $0.session = session } }

  /// How commands end, in whatever container.
  func answerRun(code: Int32, output: String) {
    var result = CRI.ExecResult()
    result.exitCode = code
    result.stdout = Data(output.utf8)
    let answer = result
    state.withLock { $0.runResult = answer }
  }

  var execRequests: [ExecRequest] { state.withLock(\.execRequests) }

  /// While it is not, every call fails as it does where nobody listens.
  func setReachable(_ value: Bool) { state.withLock { $0.isReachable = value } }

  // MARK: What calls share

  func admit(_ call: String, failing key: String? = nil) throws {
    try state.withLock { state in
      guard state.isReachable else { throw ContainerRuntimeError(.unavailable, "the runtime is away") }
      state.calls.append(call)
      if let failure = state.failures[key ?? call] { throw failure }
    }
  }

  func requireReachable() throws {
    guard state.withLock(\.isReachable) else { throw ContainerRuntimeError(.unavailable, "the runtime is away") }
  }

  func refuse(_ text: String) -> ContainerRuntimeError {
    state.withLock { $0.violations.append(text) }
    return ContainerRuntimeError(.failedPrecondition, text)
  }

  func newID(_ kind: String) -> String {
    state.withLock { state in
      state.counter += 1
      state.issued.insert("\(kind)-\(state.counter)")
      return "\(kind)-\(state.counter)"
    }
  }

  /// An id that was given out may be gone; one that never was is the caller's mistake.
  func missing(_ id: String) -> ContainerRuntimeError {
    state.withLock({ $0.issued.contains(id) })
      ? ContainerRuntimeError(.notFound, "\(id) is gone") : refuse("\(id) was never given out")
  }
}
