import ClusterModel
import HashTreeCollections
import KubernetesAPI

/// Where this node's pods are endpoints: the Services whose slices name each. Pure, and kept up to date by what changes.
struct EndpointPlaces {
  private let nodeName: String
  private var servicesOfPod: [ObjectName: Set<ObjectName>] = [:]
  private var podsOfService: [ObjectName: Set<ObjectName>] = [:]
  private(set) var snapshot = ClusterSnapshot()

  init(nodeName: String) { self.nodeName = nodeName }

  mutating func update(_ update: ClusterUpdate) {
    snapshot = update.snapshot
    for service in update.change.services {
      var pods: Set<ObjectName> = []
      for slice in snapshot.endpointSlices(of: service) {
        for endpoint in slice.endpoints where endpoint.nodeName == nodeName {
          if let pod = endpoint.pod { pods.insert(pod) }
        }
      }
      let former = podsOfService[service] ?? []
      for pod in former.subtracting(pods) {
        servicesOfPod[pod]?.remove(service)
        if servicesOfPod[pod]?.isEmpty == true { servicesOfPod[pod] = nil }
      }
      for pod in pods.subtracting(former) { servicesOfPod[pod, default: []].insert(service) }
      podsOfService[service] = pods.isEmpty ? nil : pods
    }
  }

  /// Whether some Service stops choosing the pod when it ends: one that has other endpoints to choose from. A Service
  /// whose last endpoint it is goes on sending to it, as does one that publishes what is not ready.
  func isMissed(_ pod: ObjectName) -> Bool { !yielding(pod).isEmpty }

  /// Whether one of those Services sends new connections to it still.
  func isChosen(_ pod: ObjectName) -> Bool {
    yielding(pod).contains { service in endpoints(of: service).contains { $0.pod == pod && $0.isReady } }
  }

  private func yielding(_ pod: ObjectName) -> [ObjectName] {
    (servicesOfPod[pod] ?? []).filter { name in
      guard let service = snapshot.services[name], service.kind != .externalName, !service.publishesNotReady else {
        return false
      }
      return endpoints(of: name).contains { $0.pod != pod && $0.isReady }
    }
  }

  private func endpoints(of service: ObjectName) -> some Sequence<EndpointSliceModel.Endpoint> {
    snapshot.endpointSlices(of: service).lazy.flatMap(\.endpoints)
  }
}
