internal import ClusterModel
internal import HashTreeCollections
internal import KubernetesAPI
internal import NetworkTypes

/// Says how long ago that happened which a round of programming was for, by what the slices' writer noted.
struct ChangeTriggers: Sendable {
  private let start: Timestamp
  private let family: IPAddress.Family
  /// The latest of each slice that was counted.
  private var seen: [ObjectName: [String: Timestamp]] = [:]

  /// Changes from before `start` are none this process could have been quick about.
  init(_ family: IPAddress.Family, start: Timestamp) {
    self.family = family
    self.start = start
  }

  /// The moments that slices of the changed Services name for the first time.
  mutating func news(in update: ClusterUpdate) -> [Timestamp] {
    var moments: [Timestamp] = []
    for service in update.change.services {
      var latest: [String: Timestamp] = [:]
      for (name, slice) in update.snapshot.slices[service] ?? [:] where slice.family == family {
        guard let moment = slice.changeTrigger, moment > start else { continue }
        latest[name] = moment
        if seen[service]?[name] != moment { moments.append(moment) }
      }
      seen[service] = latest.isEmpty ? nil : latest
    }
    return moments
  }
}
