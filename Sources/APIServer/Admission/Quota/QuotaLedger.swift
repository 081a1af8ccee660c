import JSONTree
import KubernetesAPI
import NIOConcurrencyHelpers

/// Keeps every namespace within its quotas.
///
/// The watch caches tell it of each change while they hold their lock, so what it has counted is what they hold. A write
/// reserves what it will use before it goes to the store; the reservation ends with the change it becomes, or with its
/// failure. Check and reservation are one step under one lock: no number of clients gets past it.
package final class QuotaLedger: Sendable {
  private struct State {
    var namespaces: [String: NamespaceUsage] = [:]
    /// Namespaces whose quotas' statuses may be out of date.
    var changed: Set<String> = []

    /// What is under way counts even while the last quota is being replaced.
    mutating func forgetIfUnused(_ namespace: String) {
      if namespaces[namespace]?.isUnused == true { namespaces[namespace] = nil }
    }
  }

  private let registry: Registry
  private let state = NIOLockedValueBox(State())
  /// Held while objects from before a namespace's first quota are counted.
  private let counting = NIOLock()
  private let signal = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  /// Told where a pod that is being deleted has been seen.
  private let expiring = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

  package init(registry: Registry) {
    self.registry = registry
    for kind in ResourceKind.served where kind.isNamespaced {
      guard let cache = try? registry.cache(of: kind) else { continue }
      cache.observe { [weak self] change in self?.take(change, kind: kind) }
    }
    guard let quotas = try? registry.cache(of: .resourceQuotas).view.objects else { return }
    for quota in quotas { set(quota) }
  }

  // MARK: Following the caches

  /// Runs under the cache's lock and takes no other but the ledger's.
  private func take(_ change: CachedChange, kind: ResourceKind) {
    let object = change.object
    let namespace = object.name.namespace
    let isNew = state.withLockedValue { $0.namespaces[namespace] == nil }
    if isNew, kind != .resourceQuotas || change.isDeletion { return }
    if kind == .resourceQuotas {
      change.isDeletion ? remove(object) : set(object)
    }
    let usage = change.isDeletion ? nil : (try? object.tree()).map { UsageEvaluator.usage(of: $0, kind: kind) }
    state.withLockedValue { state in
      guard state.namespaces[namespace] != nil else { return }
      state.namespaces[namespace]?.take(key: object.key, uid: object.uid, revision: object.revision, usage: usage)
      state.changed.insert(namespace)
    }
    // Whoever waits for it has no lock of ours to wait for when it is cancelled.
    signal.continuation.yield()
    if usage?.expiry != nil { expiring.continuation.yield() }
  }

  private func set(_ quota: CachedObject) {
    guard let tree = try? quota.tree() else { return }
    state.withLockedValue { state in
      state.namespaces[quota.name.namespace, default: NamespaceUsage()].setQuota(tree)
      state.changed.insert(quota.name.namespace)
    }
  }

  private func remove(_ quota: CachedObject) {
    state.withLockedValue { state in
      state.namespaces[quota.name.namespace]?.removeQuota(uid: quota.uid)
      state.forgetIfUnused(quota.name.namespace)
    }
  }

  /// Counts what was in a namespace before its first quota. Once for each namespace.
  private func count(_ namespace: String) throws(APIStatus) {
    if state.withLockedValue({ $0.namespaces[namespace]?.isCounted ?? true }) { return }
    counting.lock()
    defer { counting.unlock() }
    if state.withLockedValue({ $0.namespaces[namespace]?.isCounted ?? true }) { return }
    for kind in ResourceKind.served where kind.isNamespaced {
      let objects = ResourceREST.range(
        of: try registry.cache(of: kind).view.objects, Selection(namespace: namespace), kind: kind)
      for object in objects {
        let usage = UsageEvaluator.usage(of: try object.tree(), kind: kind)
        state.withLockedValue {
          $0.namespaces[namespace]?.take(key: object.key, uid: object.uid, revision: object.revision, usage: usage)
        }
      }
    }
    state.withLockedValue { state in
      state.namespaces[namespace]?.markCounted()
      state.changed.insert(namespace)
    }
  }

  // MARK: Admission

  /// Reserves what an object will use. Throws 403 where a quota does not allow it. What it returns is to be released when
  /// the write is over, whether it was stored or not.
  func charge(_ object: JSON, replacing old: JSON?, for request: ResourceRequest) throws(APIStatus) -> Reservation? {
    let namespace = object.namespace
    guard request.kind.isNamespaced, state.withLockedValue({ $0.namespaces[namespace] != nil }) else { return nil }
    // As upstream's: what a pod needs is settled when it is made, or resized.
    let isResize = request.info.subresource == "resize"
    if request.kind == .pods, old != nil, !isResize { return nil }
    try count(namespace)
    expire([namespace])
    let new = UsageEvaluator.usage(of: object, kind: request.kind)
    let before = old.map { UsageEvaluator.usage(of: $0, kind: request.kind) }
    if request.kind == .pods, let text = missing(object, new) {
      throw .forbidden(request.kind, object.name, text)
    }
    let (refusal, number) = state.withLockedValue { state -> (String?, UInt64?) in
      guard let usage = state.namespaces[namespace] else { return (nil, nil) }
      if let text = usage.refusal(of: new, replacing: before) { return (text, nil) }
      if request.isDryRun { return (nil, nil) }
      return (nil, state.namespaces[namespace]?.reserve(new, replacing: before, uid: object.uid))
    }
    if let refusal { throw .forbidden(request.kind, object.name, refusal) }
    return number.map { Reservation(namespace: namespace, number: $0) }
  }

  struct Reservation: Sendable {
    let namespace: String
    let number: UInt64
  }

  func release(_ reservation: Reservation?) {
    guard let reservation else { return }
    state.withLockedValue { state in
      state.namespaces[reservation.namespace]?.release(reservation.number)
      state.forgetIfUnused(reservation.namespace)
    }
  }

  /// Where a quota limits a resource of containers, every container must say how much of it.
  private func missing(_ pod: JSON, _ usage: ResourceUsage) -> String? {
    let quotas = state.withLockedValue {
      $0.namespaces[pod.namespace]?.quotas.values.sorted { $0.name < $1.name } ?? []
    }
    let containers = (pod.spec["containers"]?.items ?? []) + (pod.spec["initContainers"]?.items ?? [])
    for quota in quotas where quota.scopes.contain(usage) {
      var texts: [String] = []
      for name in quota.hard.keys.sorted() {
        guard let (side, resource) = Self.required(name) else { continue }
        // What the pod says of itself as a whole holds for its containers.
        if PodResources.amounts(pod.spec, side)[resource] != nil { continue }
        let silent = containers.filter { PodResources.amounts($0, side)[resource] == nil }.compactMap {
          $0["name"]?.string
        }
        if !silent.isEmpty { texts.append("\(name) for: \(silent.sorted().joined(separator: ","))") }
      }
      if !texts.isEmpty { return "failed quota: \(quota.name): must specify \(texts.joined(separator: "; "))" }
    }
    return nil
  }

  private static func required(_ name: String) -> (side: String, resource: String)? {
    switch name {
    case "cpu", "memory": ("requests", name)
    case "requests.cpu", "requests.memory": ("requests", String(name.dropFirst(9)))
    case "limits.cpu", "limits.memory": ("limits", String(name.dropFirst(7)))
    default: nil
    }
  }

  // MARK: Statuses

  /// Keeps the quotas' statuses true until the task is cancelled.
  package func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.writeChanged() }
      group.addTask { await self.followExpiries() }
    }
  }

  /// How long somebody may count too much at most, where a nearer expiry came up while another was waited for.
  private static let longestWait = Duration.seconds(5)

  /// Waits for pods that do not end in time, as long as there are any.
  private func followExpiries() async {
    for await _ in expiring.stream {
      while let next = state.withLockedValue({ $0.namespaces.values.compactMap(\.nextExpiry).min() }) {
        let wait = max(.zero, min(next - .now, Self.longestWait))
        // It fails where the server ends, and with it who would read the statuses.
        do { try await Task.sleep(for: wait) } catch { return }
        expire(state.withLockedValue { Array($0.namespaces.keys) })
      }
    }
  }

  private func expire(_ namespaces: [String]) {
    let now = Timestamp.now
    let hasChanged = state.withLockedValue { state in
      var hasChanged = false
      for namespace in namespaces where state.namespaces[namespace]?.expire(at: now) == true {
        state.changed.insert(namespace)
        hasChanged = true
      }
      return hasChanged
    }
    if hasChanged { signal.continuation.yield() }
  }

  private func writeChanged() async {
    for await _ in signal.stream {
      let changed = state.withLockedValue { state in
        defer { state.changed = [] }
        return state.changed
      }
      for namespace in changed where await !writeStatuses(of: namespace) {
        // Others write it all the time; it will be looked at again, a little later so as not to join the race. Where the
        // sleep is cancelled the stream has ended too.
        state.withLockedValue { _ = $0.changed.insert(namespace) }
        try? await Task.sleep(for: .milliseconds(50))
        signal.continuation.yield()
      }
    }
  }

  /// Returns whether all of them are right now.
  private func writeStatuses(of namespace: String) async -> Bool {
    guard (try? count(namespace)) != nil else { return true }
    let quotas = state.withLockedValue { $0.namespaces[namespace]?.quotas ?? [:] }
    var areRight = true
    for (uid, quota) in quotas {
      var isRight = false
      for _ in 0..<5 where !isRight {
        isRight = true
        let name = ObjectName(namespace: namespace, name: quota.name)
        guard let current = (try? registry.object(.resourceQuotas, name)) ?? nil, current.uid == uid,
          let tree = try? current.tree(),
          let used = state.withLockedValue({ $0.namespaces[namespace]?.quotas[uid]?.used })
        else { break }
        var object = tree
        object["status"] = Self.status(hard: tree.spec["hard"], used: used)
        if object == tree { break }
        do {
          _ = try await registry.replace(.resourceQuotas, object, at: current.revision)
        } catch {
          // Somebody else wrote it meanwhile.
          isRight = error.reason != "Conflict"
        }
      }
      if !isRight { areRight = false }
    }
    return areRight
  }

  private static func status(hard: JSON?, used: ResourceAmounts) -> JSON {
    let members = hard?.object?.members ?? []
    return [
      "hard": .object(JSONObject(members: members)),
      "used": .object(
        JSONObject(
          members: members.map { .init(key: $0.key, value: .string((used[$0.key] ?? .zero).description)) })),
    ]
  }
}
