import JSONTree
import KubernetesAPI

/// The next step of a Deployment: its ReplicaSets in, writes and a status out. One step at a time: what the sets make
/// of it brings the next.
struct DeploymentPlan {
  enum Action {
    case create(JSON)
    /// The set as it shall be; `from` is its size now.
    case update(JSON, from: Int)
    case delete(JSON)
  }

  private(set) var actions: [Action] = []
  private(set) var status: JSON
  /// For the Deployment's own annotation; `nil` where it is right.
  private(set) var revision: Int?
  /// After what time to look again, where nothing else would bring the Deployment back.
  private(set) var recheckAfter: Duration?

  private let deployment: JSON
  private let limits: RolloutLimits
  private let now: Timestamp
  /// The set of the current template, as the plan leaves it.
  private var newSet: JSON?
  /// The others, the oldest first.
  private var oldSets: [JSON]
  private var createdSet: String?

  /// - Parameters:
  ///   - replicaSets: those that the Deployment owns.
  ///   - oldPodsRun: whether pods of old sets have not ended yet; only `Recreate` asks.
  init(deployment: JSON, replicaSets: [JSON], oldPodsRun: Bool = false, now: Timestamp) {
    self.deployment = deployment
    self.now = now
    limits = RolloutLimits(deployment)
    let template = deployment.spec["template"] ?? [:]
    let ordered = replicaSets.sorted { ($0.creationTimestamp ?? "", $0.name) < ($1.creationTimestamp ?? "", $1.name) }
    let current = ordered.first { PodTemplateHash.isSame($0.spec["template"] ?? [:], template) }
    newSet = current
    oldSets = ordered.filter { $0.uid != current?.uid }
    status = deployment.status
    guard !deployment.isTerminating else {
      finishStatus()
      return
    }
    adoptRevision()
    let isPaused = deployment.spec["paused"]?.bool ?? false
    if isPaused || isScalingEvent {
      scaleProportionally()
      if isPaused { cleanUp() }
    } else if limits.isRolling {
      rollOut()
    } else {
      recreate(oldPodsRun: oldPodsRun)
    }
    finishStatus()
  }

  // MARK: Revisions

  private var nextRevision: Int { (oldSets.map(RolloutAnnotations.revision(of:)).max() ?? 0) + 1 }

  /// Keeps annotations and `minReadySeconds` of the current set like the Deployment's.
  private mutating func adoptRevision() {
    guard let set = newSet else { return }
    var changed = RolloutAnnotations.stamped(set, from: deployment, revision: nextRevision)
    changed[path: "spec", "minReadySeconds"] = deployment.spec["minReadySeconds"]
    newSet = changed
    if changed != set { actions.append(.update(changed, from: Self.size(set))) }
    noteRevision(RolloutAnnotations.revision(of: changed))
  }

  private mutating func noteRevision(_ number: Int) {
    if RolloutAnnotations.revision(of: deployment) != number { revision = number }
  }

  private mutating func createNewSet() {
    let template = deployment.spec["template"] ?? [:]
    let hash = PodTemplateHash.of(template, collisions: deployment.status["collisionCount"]?.int)
    var labelled = template
    labelled[path: "metadata", "labels", PodTemplateHash.label] = .string(hash)
    var selector = deployment.spec["selector"] ?? [:]
    selector[path: "matchLabels", PodTemplateHash.label] = .string(hash)
    let size = limits.newSetSize(current: 0, all: oldSets.reduce(0) { $0 + Self.size($1) })
    var set: JSON = [
      "apiVersion": "apps/v1", "kind": "ReplicaSet",
      "metadata": [
        "name": .string("\(deployment.name)-\(hash)"), "namespace": .string(deployment.namespace),
        "labels": labelled["metadata"]?["labels"] ?? [:], "ownerReferences": [deployment.ownerReference()],
      ],
      "spec": ["replicas": .int(Int64(size)), "selector": selector, "template": labelled],
    ]
    if let seconds = deployment.spec["minReadySeconds"] { set[path: "spec", "minReadySeconds"] = seconds }
    set = RolloutAnnotations.sized(set, limits)
    set = RolloutAnnotations.stamped(set, from: deployment, revision: nextRevision)
    actions.append(.create(set))
    createdSet = set.name
    newSet = set
    noteRevision(RolloutAnnotations.revision(of: set))
  }

  // MARK: Sizes

  private static func size(_ set: JSON) -> Int { Int(set.spec["replicas"]?.int ?? 0) }
  private static func available(_ set: JSON) -> Int { Int(set.status["availableReplicas"]?.int ?? 0) }
  private var allSets: [JSON] { oldSets + (newSet.map { [$0] } ?? []) }
  private var total: Int { allSets.reduce(0) { $0 + Self.size($1) } }

  private mutating func resize(_ set: JSON, to size: Int, always: Bool = false) {
    guard size != Self.size(set) || always else { return }
    var changed = RolloutAnnotations.sized(set, limits)
    changed[path: "spec", "replicas"] = .int(Int64(size))
    guard changed != set else { return }
    // An update of the same set that is planned already is taken up into this one.
    let from = Self.size(set)
    if let index = actions.firstIndex(where: {
      if case .update(let other, _) = $0 { other.uid == set.uid } else { false }
    }) {
      guard case .update(_, let original) = actions[index] else { return }
      actions[index] = .update(changed, from: original)
    } else {
      actions.append(.update(changed, from: from))
    }
    if newSet?.uid == set.uid { newSet = changed }
    if let index = oldSets.firstIndex(where: { $0.uid == set.uid }) { oldSets[index] = changed }
  }

  // MARK: Strategies

  private mutating func rollOut() {
    guard let current = newSet else {
      createNewSet()
      return
    }
    let size = Self.size(current)
    let wanted = size > limits.replicas ? limits.replicas : limits.newSetSize(current: size, all: total)
    if wanted != size {
      resize(current, to: wanted)
      return
    }
    if shrinkOldSets() { return }
    if isComplete { cleanUp() }
  }

  /// Takes from the old sets what can go without too few being available: first what is not available anyway.
  private mutating func shrinkOldSets() -> Bool {
    guard let current = newSet, oldSets.contains(where: { Self.size($0) > 0 }) else { return false }
    let newUnavailable = Self.size(current) - Self.available(current)
    var allowance = total - limits.floor - newUnavailable
    guard allowance > 0 else { return false }
    let before = actions.count
    for set in oldSets {
      let unhealthy = min(allowance, Self.size(set) - Self.available(set))
      guard unhealthy > 0 else { continue }
      resize(set, to: Self.size(set) - unhealthy)
      allowance -= unhealthy
    }
    var spare = allSets.reduce(0) { $0 + Self.available($1) } - limits.floor
    for set in oldSets where spare > 0 {
      let part = min(Self.size(set), spare)
      guard part > 0 else { continue }
      resize(set, to: Self.size(set) - part)
      spare -= part
    }
    return actions.count > before
  }

  private mutating func recreate(oldPodsRun: Bool) {
    let active = oldSets.filter { Self.size($0) > 0 }
    for set in active { resize(set, to: 0) }
    guard active.isEmpty, !oldPodsRun else { return }
    if let current = newSet { resize(current, to: limits.replicas) } else { createNewSet() }
    if isComplete { cleanUp() }
  }

  // MARK: Scaling in the middle of a rollout

  /// Whether `spec.replicas` changed since the sets were sized.
  private var isScalingEvent: Bool {
    allSets.contains { set in
      guard Self.size(set) > 0, let desired = set.annotations[RolloutAnnotations.desiredReplicas] else { return false }
      return Int(desired) != limits.replicas
    }
  }

  /// Spreads the change over the active sets by their sizes, so that a rollout in progress stays where it is.
  private mutating func scaleProportionally() {
    let active = allSets.filter { Self.size($0) > 0 }
    if active.count <= 1 {
      if let only = active.first ?? newSet ?? oldSets.last { resize(only, to: limits.replicas, always: true) }
      return
    }
    if let current = newSet, Self.size(current) == limits.replicas, Self.available(current) == limits.replicas,
      current.annotations[RolloutAnnotations.desiredReplicas] == String(limits.replicas)
    {
      for set in oldSets where Self.size(set) > 0 { resize(set, to: 0) }
      return
    }
    guard limits.isRolling else { return }
    let allowed = limits.replicas > 0 ? limits.ceiling : 0
    let toAdd = allowed - active.reduce(0) { $0 + Self.size($1) }
    // Growing, the newest of equals comes first; shrinking, the oldest.
    let ordered = active.enumerated().sorted { left, right in
      let sizes = (Self.size(left.element), Self.size(right.element))
      if sizes.0 != sizes.1 { return sizes.0 > sizes.1 }
      return toAdd > 0 ? left.offset > right.offset : left.offset < right.offset
    }.map(\.element)
    var added = 0
    var sizes = ordered.map { set -> Int in
      let share = toAdd == added ? 0 : fraction(of: set)
      let part = toAdd > 0 ? min(share, toAdd - added) : max(share, toAdd - added)
      added += part
      return Self.size(set) + part
    }
    sizes[0] = max(0, sizes[0] + toAdd - added)
    for (set, size) in zip(ordered, sizes) { resize(set, to: size, always: true) }
  }

  /// By how much a set changes when it keeps its share of the whole.
  private func fraction(of set: JSON) -> Int {
    let size = Self.size(set)
    guard limits.replicas > 0 else { return -size }
    let before =
      set.annotations[RolloutAnnotations.maxReplicas].flatMap { Int($0) }
      ?? Int(deployment.status["replicas"]?.int ?? 0)
    guard before > 0 else { return 0 }
    return Int((Double(size * limits.ceiling) / Double(before)).rounded()) - size
  }

  // MARK: Ending

  private var isComplete: Bool { DeploymentStatus(deployment, newSet, oldSets, limits).isComplete }

  /// Deletes the oldest revisions beyond `revisionHistoryLimit`.
  private mutating func cleanUp() {
    let limit = Int(deployment.spec["revisionHistoryLimit"]?.int ?? 10)
    let idle = oldSets.filter { !$0.isTerminating }
    guard idle.count > limit else { return }
    let oldest = idle.sorted { RolloutAnnotations.revision(of: $0) < RolloutAnnotations.revision(of: $1) }
    for set in oldest.prefix(idle.count - limit) {
      let observed = set.status["observedGeneration"]?.int ?? 0
      guard Self.size(set) == 0, set.status["replicas"]?.int ?? 0 == 0, set.generation <= observed else { continue }
      actions.append(.delete(set))
    }
  }

  private mutating func finishStatus() {
    // A set that is only being created counts for nothing yet.
    let existing = createdSet == nil ? newSet : nil
    var computed = DeploymentStatus(deployment, existing, oldSets, limits)
    computed.addConditions(created: createdSet, now: now)
    status = computed.status
    recheckAfter = computed.recheckAfter
  }
}
