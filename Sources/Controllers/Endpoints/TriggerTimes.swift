import JSONTree
import KubernetesAPI
import Synchronization

/// When that happened which a write about endpoints answers: by it programs measure how long endpoints take to spread.
///
/// What changed is told by comparing with the last time the same Service was looked at. Where an object changed more than
/// once between two looks the time may be too late, as upstream's is.
final class TriggerTimes: Sendable {
  /// The annotation of slices and Endpoints that carries it.
  static let annotation = "endpoints.kubernetes.io/last-change-trigger-time"

  private struct Seen {
    var service: Timestamp?
    var pods: [String: Timestamp] = [:]
  }

  private let seen = Mutex<[ObjectName: Seen]>([:])

  /// The earliest change of the Service and its pods since the last call; `nil` where no time is known. Call it at every
  /// look, whether something is written or not.
  func trigger(of service: JSON, pods: [JSON]) -> Timestamp? {
    let created = service.creationTimestamp.flatMap { Timestamp($0) }
    var now = Seen(service: created)
    for pod in pods { now.pods[pod.name] = pod.podReadySince }
    return seen.withLock { seen in
      defer { seen[service.objectName] = now }
      guard let former = seen[service.objectName] else { return created }
      var changes = now.pods.filter { name, time in former.pods[name].map { time > $0 } ?? true }.map(\.value)
      if let created, former.service.map({ created > $0 }) ?? true { changes.append(created) }
      return changes.min()
    }
  }

  func forget(_ service: ObjectName) { seen.withLock { $0[service] = nil } }
}
