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
  static func endpoints(of service: JSON, pods: [JSON], current: JSON?) -> JSON {
    let isV6 = service.spec["ipFamilies"]?.items.first?.string == "IPv6"
    let publishes = service.spec["publishNotReadyAddresses"]?.bool ?? false
    var groups: [[EndpointPort]: (ready: [JSON], notReady: [JSON])] = [:]
    var count = 0
    for pod in pods.sorted(by: { $0.name < $1.name }) {
      guard let backend = ServiceBackend(pod, of: service), let address = backend.address(isV6: isV6),
        publishes || !pod.isTerminating
      else { continue }
      let ports = EndpointPort.resolve(service, on: pod)
      // Without ports there is nothing to reach, unless the Service is headless and has none.
      guard !ports.isEmpty || (service.spec["ports"]?.items ?? []).isEmpty else { continue }
      count += 1
      guard count <= capacity else { continue }
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
    labels[EndpointSlicePlan.headless] = service.spec["clusterIP"]?.string == "None" ? "" : nil
    result[path: "metadata", "labels"] = .object(JSONObject(labels.sorted { $0.key < $1.key }))
    if count > capacity || result.annotations[overCapacity] != nil {
      result[path: "metadata", "annotations", overCapacity] = count > capacity ? "truncated" : nil
    }
    let subsets = groups.map { subset($0.key, $0.value.ready, $0.value.notReady) }
    let ordered = subsets.sorted { "\($0["ports"] ?? [])" < "\($1["ports"] ?? [])" }
    result["subsets"] = ordered.isEmpty ? nil : .array(ordered)
    return result
  }

  private static func subset(_ ports: [EndpointPort], _ ready: [JSON], _ notReady: [JSON]) -> JSON {
    var subset: JSON = [:]
    if !ready.isEmpty { subset["addresses"] = .array(sorted(ready)) }
    if !notReady.isEmpty { subset["notReadyAddresses"] = .array(sorted(notReady)) }
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
