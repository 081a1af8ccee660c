import JSONTree
import KubernetesAPI
import NetworkTypes

/// The core/v1 Endpoints of a Service with a selector.
enum EndpointsPlan {
  static let managedBy = "endpoints.kubernetes.io/managed-by"
  static let manager = "endpoint-controller"
  static let overCapacity = "endpoints.kubernetes.io/over-capacity"
  static let capacity = 1000

  /// The object as it shall be; `current`, where there is one, keeps its metadata.
  ///
  /// - Parameter trigger: when that happened which is answered; written where anything else is.
  static func endpoints(of service: JSON, pods: [JSON], current: JSON?, trigger: Timestamp? = nil) -> JSON {
    let publishes = service.spec["publishNotReadyAddresses"]?.bool ?? false
    var groups: [[EndpointPort]: (ready: [JSON], notReady: [JSON])] = [:]
    for pod in pods.sorted(by: { $0.name < $1.name }) {
      guard let backend = ServiceBackend(pod, of: service),
        let address = backend.address(isV6: isV6(service) ?? backend.isV6), publishes || !pod.isTerminating
      else { continue }
      let ports = EndpointPort.resolve(service, on: pod)
      // Without ports there is nothing to reach, unless the Service is headless and has none.
      guard !ports.isEmpty || (service.spec["ports"]?.items ?? []).isEmpty else { continue }
      var entry: JSON = ["ip": .string(address)]
      if let hostname = backend.hostname { entry["hostname"] = .string(hostname) }
      if !pod.nodeName.isEmpty { entry["nodeName"] = .string(pod.nodeName) }
      entry["targetRef"] = backend.targetReference
      if backend.isReady {
        groups[ports, default: ([], [])].ready.append(entry)
      } else {
        groups[ports, default: ([], [])].notReady.append(entry)
      }
    }
    var result =
      current ?? [
        "apiVersion": "v1", "kind": "Endpoints",
        "metadata": ["name": .string(service.name), "namespace": .string(service.namespace)],
      ]
    var labels = service.labels
    labels[managedBy] = manager
    labels[EndpointSlicePlan.headless] = service.clusterAddress == nil ? "" : nil
    result[path: "metadata", "labels"] = .object(JSONObject(labels.sorted { $0.key < $1.key }))
    let ordered = groups.sorted { "\($0.key.map(\.json))" < "\($1.key.map(\.json))" }
    let (kept, isTruncated) = truncated(ordered.map { (sorted($0.value.ready), sorted($0.value.notReady)) })
    result.setAnnotation(overCapacity, isTruncated ? "truncated" : nil)
    let subsets = zip(ordered, kept).map { subset($0.0.key, $0.1.ready, $0.1.notReady) }
    result["subsets"] = subsets.isEmpty ? nil : .array(subsets)
    if result != current { result.setAnnotation(TriggerTimes.annotation, trigger?.description) }
    return result
  }

  /// The one family that Endpoints have of a Service; `nil` where it is that of each pod's own address.
  private static func isV6(_ service: JSON) -> Bool? {
    service.spec["ipFamilies"]?.items.first.map { $0.string == "IPv6" } ?? service.clusterAddress?.contains(":")
  }

  private typealias Addresses = (ready: [JSON], notReady: [JSON])

  /// Of more than ``capacity`` addresses so many, the ready ones before all, each group in proportion to what it has.
  private static func truncated(_ groups: [Addresses]) -> (groups: [Addresses], isTruncated: Bool) {
    let ready = groups.reduce(0) { $0 + $1.ready.count }
    let others = groups.reduce(0) { $0 + $1.notReady.count }
    guard ready + others > capacity else { return (groups, false) }
    let cutsReady = ready > capacity
    let (total, limit) = cutsReady ? (ready, capacity) : (others, capacity - ready)
    var left = limit
    let kept = groups.map { group in
      let list = cutsReady ? group.ready : group.notReady
      // Rounded up: the last has what the others leave.
      let part = Array(list.prefix(min((list.count * limit + total - 1) / total, left)))
      left -= part.count
      return cutsReady ? (part, []) : (group.ready, part)
    }
    return (kept, true)
  }

  private static func subset(_ ports: [EndpointPort], _ ready: [JSON], _ notReady: [JSON]) -> JSON {
    var subset: JSON = [:]
    if !ready.isEmpty { subset["addresses"] = .array(ready) }
    if !notReady.isEmpty { subset["notReadyAddresses"] = .array(notReady) }
    let plain = ports.map { port in
      // A port without a name has none here, where slices have an empty one.
      var json = port.json
      if port.name.isEmpty { json["name"] = nil }
      return json
    }
    if !plain.isEmpty { subset["ports"] = .array(plain.sorted { "\($0)" < "\($1)" }) }
    return subset
  }

  private static func sorted(_ entries: [JSON]) -> [JSON] {
    entries.sorted { left, right in
      guard let first = IPAddress(left["ip"]?.string ?? ""), let second = IPAddress(right["ip"]?.string ?? "") else {
        return "\(left)" < "\(right)"
      }
      return first < second
    }
  }
}
