import ContainerRuntime
import JSONTree
import KubernetesAPI
import LinuxKernel
import Logging

/// One worker per pod: hands each change of an object and each event of the runtime to the pod it is about.
actor PodManager {
  private struct Entry {
    let worker: PodWorker
    let task: Task<Void, Never>
    var isDone = false
  }

  private let context: PodContext
  private var entries: [String: Entry] = [:]
  /// Which pod a container or sandbox belongs to.
  private var owners: [String: String] = [:]

  /// Told when pods have given something up that others may wait for.
  private let room: AsyncStream<Void>
  private let roomContinuation: AsyncStream<Void>.Continuation
  private var retries: Task<Void, Never>?

  init(context: PodContext) {
    (room, roomContinuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    var context = context
    context.roomChanged = { [roomContinuation] in roomContinuation.yield() }
    self.context = context
  }

  func take(_ pod: JSON) async {
    followRoom()
    if let entry = entries[pod.uid] {
      await entry.worker.update(pod)
      if pod.isPodFinished { roomContinuation.yield() }
      return
    }
    await begin(pod)
  }

  func remove(_ pod: JSON) async {
    guard let entry = entries[pod.uid] else { return }
    await entry.worker.gone()
    if entry.isDone { forget(pod.uid) }
    roomContinuation.yield()
  }

  /// Lets pods that wait for room have another look when there may be some: the most important first, then those of the
  /// better class, then those that have waited longest.
  private func followRoom() {
    guard retries == nil else { return }
    // Ended by shutDown().
    retries = Task { [room] in
      for await _ in room { await self.retryResizes() }
    }
  }

  private func retryResizes() async {
    var waiting: [(worker: PodWorker, rank: (Int64, Int, String))] = []
    for entry in entries.values where !entry.isDone {
      guard await entry.worker.isResizeDeferred else { continue }
      let pod = await entry.worker.desired
      let since = pod.condition("PodResizePending")?["lastTransitionTime"]?.string ?? ""
      let isGuaranteed = QualityOfService(pod: pod) == .guaranteed
      waiting.append((entry.worker, (-(pod.spec["priority"]?.int ?? 0), isGuaranteed ? 0 : 1, since)))
    }
    for entry in waiting.sorted(by: { $0.rank < $1.rank }) { await entry.worker.retryResize() }
  }

  /// - Parameter id: of a container or of a sandbox that the runtime said has ended.
  func heardEnd(of id: String) async {
    guard let uid = owners[id], let entry = entries[uid] else { return }
    await entry.worker.heardEnd(of: id)
  }

  func kickAll() {
    for entry in entries.values { entry.worker.kick() }
  }

  func rotateLogs() async {
    for entry in entries.values where !entry.isDone { await entry.worker.rotateLogs() }
  }

  func measureStorage() async {
    for entry in entries.values where !entry.isDone { await entry.worker.measureStorage() }
  }

  /// Pods that run here although no object asks for them: left by an agent that was away when they were deleted.
  func endOrphans() async {
    do {
      var orphans: [String: JSON] = [:]
      for sandbox in try await context.runtime.sandboxes(labels: [:]) {
        let uid = sandbox.metadata.uid
        guard !uid.isEmpty, entries[uid] == nil else { continue }
        orphans[uid] = [
          "metadata": [
            "name": .string(sandbox.metadata.name), "namespace": .string(sandbox.metadata.namespace),
            "uid": .string(uid),
          ],
          "spec": ["containers": []],
        ]
      }
      for pod in orphans.values {
        context.logger.info("Ending a pod whose object is gone.", metadata: ["pod": "\(pod.objectName)"])
        await begin(pod)
        await entries[pod.uid]?.worker.gone()
      }
      for uid in context.volumes.presentPods() where entries[uid] == nil {
        let parents = ["", "burstable/", "besteffort/"].map {
          "\(context.configuration.cgroupRoot)/kubepods/\($0)pod\(uid)"
        }
        try await context.volumes.remove(uid: uid, cgroupParents: parents)
      }
    } catch {
      context.logger.warning("Looking for left pods failed.", metadata: ["error": "\(error)"])
    }
  }

  /// Ends the workers; what they run goes on.
  func shutDown() async {
    retries?.cancel()
    for entry in entries.values { entry.task.cancel() }
    await context.statuses.shutDown()
    for entry in entries.values { await entry.task.value }
    await retries?.value
  }

  /// The newest log of a container: for the node's server.
  func worker(namespace: String, name: String) async -> PodWorker? {
    var found: PodWorker?
    for entry in entries.values {
      let pod = await entry.worker.pod
      guard pod.namespace == namespace, pod.name == name else { continue }
      if found == nil || !entry.isDone { found = entry.worker }
    }
    await found?.observe()
    return found
  }

  func pods() async -> [JSON] {
    var result: [JSON] = []
    for entry in entries.values { result.append(await entry.worker.pod) }
    return result
  }

  func runningPods() async -> [JSON] {
    var result: [JSON] = []
    for entry in entries.values { if let pod = await entry.worker.runningPod() { result.append(pod) } }
    return result
  }

  private func begin(_ pod: JSON) async {
    let uid = pod.uid
    let worker = PodWorker(pod: pod, context: context) { [weak self] id in await self?.note(id, of: uid) }
    // Joined by shutDown(), or ends by itself when the pod is cleaned up.
    let task = Task {
      await worker.run()
      await self.ended(uid)
    }
    entries[uid] = Entry(worker: worker, task: task)
  }

  private func note(_ id: String, of uid: String) { owners[id] = uid }

  private func ended(_ uid: String) async {
    guard let entry = entries[uid], await entry.worker.isDone else { return }
    // While its object exists the worker stays known, so that the pod is not begun again.
    entries[uid]?.isDone = true
    if await entry.worker.isGone { forget(uid) }
  }

  private func forget(_ uid: String) {
    entries[uid] = nil
    owners = owners.filter { $0.value != uid }
  }
}
