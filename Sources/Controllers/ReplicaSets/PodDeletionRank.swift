import JSONTree
import KubernetesAPI

/// Which of a set's pods go first when there are too many: those whose loss is felt least. The order of the fields is
/// the order of the criteria; the smaller rank goes first.
///
/// Source: upstream's documentation of ReplicaSet scale-down.
struct PodDeletionRank {
  let isBound: Bool
  /// 0 Pending, 1 Unknown, 2 Running.
  let phase: Int
  let isReady: Bool
  let deletionCost: Int64
  /// How many pods of the same kind run on its node; the more, the sooner it goes.
  let neighbours: Int
  /// For how long it has been ready, as a power of two seconds, so that about equal ages are chosen from evenly.
  let readyMagnitude: Int
  let restarts: Int64
  /// For how long it exists, as a power of two seconds.
  let ageMagnitude: Int
  let uid: String

  init(pod: JSON, neighbours: Int, now: Timestamp) {
    isBound = !pod.nodeName.isEmpty
    phase = ["Pending": 0, "": 0, "Unknown": 1][pod.podPhase] ?? 2
    isReady = pod.isPodReady
    deletionCost = pod.annotations["controller.kubernetes.io/pod-deletion-cost"].flatMap { Int64($0) } ?? 0
    self.neighbours = neighbours
    readyMagnitude = isReady ? Self.magnitude(since: pod.podReadySince, now) : 0
    restarts = (pod.status["containerStatuses"]?.items ?? []).map { $0["restartCount"]?.int ?? 0 }.max() ?? 0
    ageMagnitude = Self.magnitude(since: pod.creationTimestamp.flatMap { Timestamp($0) }, now)
    uid = pod.uid
  }

  private static func magnitude(since: Timestamp?, _ now: Timestamp) -> Int {
    guard let since else { return 0 }
    let seconds = max(0, (now - since).components.seconds)
    return Int64.bitWidth - seconds.leadingZeroBitCount
  }

  func goesBefore(_ other: PodDeletionRank) -> Bool {
    if isBound != other.isBound { return !isBound }
    if phase != other.phase { return phase < other.phase }
    if isReady != other.isReady { return !isReady }
    if deletionCost != other.deletionCost { return deletionCost < other.deletionCost }
    if neighbours != other.neighbours { return neighbours > other.neighbours }
    if readyMagnitude != other.readyMagnitude { return readyMagnitude < other.readyMagnitude }
    if restarts != other.restarts { return restarts > other.restarts }
    if ageMagnitude != other.ageMagnitude { return ageMagnitude < other.ageMagnitude }
    return uid < other.uid
  }
}
