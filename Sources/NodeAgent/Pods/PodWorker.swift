import ContainerRuntime
import JSONTree
import KubernetesAPI
import Logging

/// Brings one pod to what its object asks for and keeps it there. Work is serial; whatever happens meanwhile (a change
/// of the object, an event of the runtime, a probe's verdict, a timer) asks for another round.
actor PodWorker {
  let context: PodContext
  let uid: String
  /// With the resources that the node has set aside for it.
  var pod: JSON
  /// As the API has it.
  var desired: JSON
  /// `nil` until the node has taken the pod.
  var allocation: PodAllocation?
  /// When a resize that failed is tried again.
  var resizeRetry: Timestamp?
  /// The pod's control group could not be set when it was to be.
  var isControlGroupDue = false
  var observation = PodObservation()
  var previousStatus: JSON
  var backoff = CrashBackoff()
  var pullBackoff = CrashBackoff()
  var mountDelay = RetryDelay.volumes
  var sandboxDelay = RetryDelay.sandboxes
  /// By image: when the last pull failed and why.
  var pullFailures: [String: (time: Timestamp, message: String)] = [:]
  var volumePaths: [String: String] = [:]
  var sources = VolumeSources()
  var probes: [String: [ProbeKind: Task<Void, Never>]] = [:]
  var kills: [String: Task<Void, Never>] = [:]
  var preStopDone: Set<String> = []
  var exited: [String: PodRuntime.Container] = [:]
  /// Containers whose work began here; others are adopted.
  var ownContainers: Set<String> = []
  var reportedUnsupported = false
  /// Whether the node has taken the pod, or there is nothing to take any more.
  var isAdmitted = false
  /// The node ends the pod; the event that says so is out.
  var isFailing = false
  /// Why the node no longer keeps the pod.
  var eviction: String?
  /// The object is gone from the API, so that there is nothing to write to.
  var isGone = false
  /// Long ago where the volumes' content is to be fetched anew.
  var volumesRefreshed = Timestamp(seconds: 0)
  /// Before the runtime has been asked there is nothing to say of the pod: it may run, and be ready.
  var hasObserved = false
  /// All containers are being ended, which takes as long as the slowest of them.
  var isStopping = false
  var lookMeanwhile: Task<Void, Never>?
  /// When the containers of a pod that ends were first to be told.
  var endBegan: Timestamp?
  /// Containers and sandboxes that the runtime's events said have ended and its lists do not show as ended yet.
  var heardEnds: Set<String> = []
  private(set) var isDone = false

  private let kicks: AsyncStream<Void>
  private let kicker: AsyncStream<Void>.Continuation
  private var timer: Task<Void, Never>?
  private var deadline: (time: Timestamp, task: Task<Void, Never>)?
  private var round: Task<Void, Never>?
  private let noteContainer: @Sendable (String) async -> Void

  /// - Parameter noteContainer: told each container and sandbox id that belongs to the pod, so that events find it.
  init(pod: JSON, context: PodContext, noteContainer: @escaping @Sendable (String) async -> Void) {
    self.pod = pod
    desired = pod
    uid = pod.uid
    previousStatus = PodStatusBuilder.own(of: pod.status)
    self.context = context
    self.noteContainer = noteContainer
    observation.hostAddresses = context.hostAddresses
    observation.isTerminating = pod.isTerminating
    (kicks, kicker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  var logger: Logger {
    var logger = context.logger
    logger[metadataKey: "pod"] = "\(pod.objectName)"
    return logger
  }

  /// Works until the pod is gone and cleaned up, or the task is cancelled.
  func run() async {
    kick()
    for await _ in kicks {
      if Task.isCancelled { break }
      // A round of its own task, so that a deletion can cut a long pull short.
      let task = Task { await self.sync() }
      round = task
      await withTaskCancellationHandler {
        await task.value
      } onCancel: {
        task.cancel()
      }
      round = nil
      if isDone { break }
    }
    timer?.cancel()
    deadline?.task.cancel()
    stopAllProbes()
  }

  nonisolated func kick() { kicker.yield() }

  func heardEnd(of id: String) {
    heardEnds.insert(id)
    if isStopping { tellEnd() }
    kick()
  }

  /// The round waits for the last container: the ends of the others are told meanwhile.
  private func tellEnd() {
    // Joined before the round goes on.
    lookMeanwhile = Task { [before = lookMeanwhile] in
      await before?.value
      guard (try? await self.refresh()) != nil else { return }
      self.publish()
    }
  }

  func note(_ id: String) async { await noteContainer(id) }

  func update(_ next: JSON) {
    let previous = desired
    desired = next
    pod = allocation?.applied(to: next) ?? next
    forgetBackoff(previous)
    // The pod's own volumes may show them.
    if next.labels != previous.labels || next.annotations != previous.annotations
      || next.ephemeralContainers != previous.ephemeralContainers
    {
      volumesRefreshed = Timestamp(seconds: 0)
    }
    let begins = next.isTerminating && !previous.isTerminating
    let shortens =
      next.isTerminating
      && (next.metadata["deletionGracePeriodSeconds"]?.int ?? 0)
        < (previous.metadata["deletionGracePeriodSeconds"]?.int ?? .max)
    if begins || shortens {
      observation.isTerminating = true
      round?.cancel()
      kick()
    } else if next.generation != previous.generation || next.labels != previous.labels
      || next.annotations != previous.annotations || next.spec != previous.spec
    {
      kick()
    } else {
      publish()
    }
  }

  /// The object has been deleted: end what runs, without anything to report to.
  func gone() {
    guard !isGone else { return }
    isGone = true
    // Containers that are being given time to end have it no more.
    if !observation.isTerminating || isStopping {
      observation.isTerminating = true
      round?.cancel()
    }
    kick()
  }

  func finish() { isDone = true }

  func wake(at time: Timestamp) {
    let delay = max(.milliseconds(1), time - context.now())
    timer?.cancel()
    // Cancelled by the next timer and by the end of run().
    timer = Task { [context] in
      guard (try? await context.clock.sleep(for: delay)) != nil else { return }
      self.kick()
    }
  }

  /// When the pod has to have ended (`activeDeadlineSeconds`).
  var activeDeadline: Timestamp? {
    guard let seconds = pod.spec["activeDeadlineSeconds"]?.int,
      let start = previousStatus["startTime"]?.string.flatMap({ Timestamp($0) })
    else { return nil }
    return start + .seconds(seconds)
  }

  /// Cuts the round that runs then short: a long pull must not outlast the pod.
  private func watchDeadline() {
    let time = previousStatus.isTerminal ? nil : activeDeadline
    guard time != deadline?.time else { return }
    deadline?.task.cancel()
    deadline = nil
    guard let time, time > context.now() else { return }
    let delay = time - context.now()
    // Cancelled by the next one and by the end of run().
    let task = Task { [context] in
      guard (try? await context.clock.sleep(for: delay)) != nil else { return }
      self.interrupt()
    }
    deadline = (time, task)
  }

  func interrupt() {
    round?.cancel()
    kick()
  }

  /// Computes the status and has it written where it changed.
  func publish() {
    guard !isGone, !isDone, hasObserved, isAdmitted else { return }
    defer { watchDeadline() }
    let status = PodStatusBuilder(
      pod: pod, previous: previousStatus, observation: observation, now: context.now()
    ).build()
    guard status != previousStatus else { return }
    previousStatus = status
    let pod = pod
    let statuses = context.statuses
    submissions = Task { [before = submissions] in
      await before?.value
      await statuses.submit(pod, status)
    }
  }

  /// The last hand-over to the status writer; each waits for the one before, so that they arrive in order.
  var submissions: Task<Void, Never>?
}
