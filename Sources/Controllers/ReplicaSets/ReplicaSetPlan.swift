import JSONTree
import KubernetesAPI

/// What a ReplicaSet needs: pods in, creations and deletions out.
struct ReplicaSetPlan {
  /// At most this many pods are made or deleted in one go.
  static let burst = 500

  private(set) var creations = 0
  private(set) var deletions: [JSON] = []

  /// - Parameters:
  ///   - pods: the set's own, finished and terminating ones included.
  ///   - related: the pods of all sets that serve the same Deployment, for spreading what remains over the nodes.
  init(replicaSet: JSON, pods: [JSON], related: [JSON], now: Timestamp) {
    guard !replicaSet.isTerminating else { return }
    let active = pods.filter(\.isPodActive)
    let surplus = active.count - Int(replicaSet.spec["replicas"]?.int ?? 1)
    if surplus < 0 {
      creations = min(-surplus, Self.burst)
    } else if surplus > 0 {
      let perNode = Dictionary(grouping: related.filter(\.isPodActive), by: \.nodeName).mapValues(\.count)
      let ranked = active.map { pod in
        let neighbours = pod.nodeName.isEmpty ? 0 : perNode[pod.nodeName] ?? 0
        return (pod: pod, rank: PodDeletionRank(pod: pod, neighbours: neighbours, now: now))
      }
      let doomed = ranked.sorted { $0.rank.goesBefore($1.rank) }.prefix(min(surplus, Self.burst))
      deletions = doomed.map(\.pod)
    }
  }

  /// The status that follows from the pods, and after what time it changes by itself: a pod becomes available without
  /// any event.
  static func status(
    of replicaSet: JSON, pods: [JSON], failure: ReplicaFailure?, now: Timestamp
  ) -> (status: JSON, recheckAfter: Duration?) {
    let active = pods.filter(\.isPodActive)
    let templateLabels = replicaSet.spec["template"]?.labels ?? [:]
    let minReadySeconds = replicaSet.spec["minReadySeconds"]?.int ?? 0
    let ready = active.filter(\.isPodReady)
    let available = ready.filter { $0.isPodAvailable(minReadySeconds: minReadySeconds, at: now) }
    let labelled = active.filter { pod in
      let labels = pod.labels
      return templateLabels.allSatisfy { labels[$0.key] == $0.value }
    }
    var result = replicaSet
    result[path: "status", "replicas"] = .int(Int64(active.count))
    for (key, count) in [
      ("fullyLabeledReplicas", labelled.count), ("readyReplicas", ready.count),
      ("availableReplicas", available.count),
    ] {
      result[path: "status", key] = count == 0 ? nil : .int(Int64(count))
    }
    result[path: "status", "observedGeneration"] = .int(replicaSet.generation)
    if let failure {
      // The first one stays: refusals name the pods, which have ever other names, and every change of the status would
      // begin another try at once.
      if result.condition("ReplicaFailure") == nil {
        result.setCondition(
          "ReplicaFailure", isTrue: true, reason: failure.reason, message: failure.message, at: now)
      }
    } else {
      result.removeCondition("ReplicaFailure")
    }
    let waits = ready.compactMap { pod -> Duration? in
      guard !pod.isPodAvailable(minReadySeconds: minReadySeconds, at: now), let since = pod.podReadySince else {
        return nil
      }
      return since + .seconds(minReadySeconds) - now
    }
    return (result.status, waits.min().map { max($0, .milliseconds(10)) })
  }
}

/// Why pods could not be made or deleted.
struct ReplicaFailure: Error {
  /// `FailedCreate` or `FailedDelete`.
  let reason: String
  let message: String
}
