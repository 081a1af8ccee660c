import JSONTree
import KubernetesAPI

/// Values a pod may read of itself: `fieldRef` and `resourceFieldRef`.
struct DownwardField: Sendable {
  let pod: JSON
  let nodeName: String
  let hostAddresses: [String]
  /// Empty before the sandbox has a network.
  let podAddresses: [String]
  /// What a container without a limit may use at most.
  let allocatableMilliCPU: Int64
  let allocatableMemory: Int64
  var allocatableStorage: Int64 = 0

  /// The value behind a `fieldPath`; throws ``NodeAgentError`` for a path upstream does not know either.
  func value(fieldPath: String) throws(NodeAgentError) -> String {
    switch fieldPath {
    case "metadata.name": return pod.name
    case "metadata.namespace": return pod.namespace
    case "metadata.uid": return pod.uid
    case "metadata.labels": return Self.lines(pod.labels)
    case "metadata.annotations": return Self.lines(pod.annotations)
    case "spec.nodeName": return nodeName
    case "spec.serviceAccountName": return pod.spec["serviceAccountName"]?.string ?? "default"
    case "spec.restartPolicy": return pod.restartPolicy
    case "status.hostIP": return hostAddresses.first ?? ""
    case "status.hostIPs": return hostAddresses.joined(separator: ",")
    case "status.podIP": return podAddresses.first ?? ""
    case "status.podIPs": return podAddresses.joined(separator: ",")
    default:
      for (prefix, values) in [("metadata.labels['", pod.labels), ("metadata.annotations['", pod.annotations)]
      where fieldPath.hasPrefix(prefix) && fieldPath.hasSuffix("']") {
        return values[String(fieldPath.dropFirst(prefix.count).dropLast(2))] ?? ""
      }
      throw NodeAgentError(.createContainerConfigError, "unsupported fieldPath: \(fieldPath)")
    }
  }

  /// - Parameter containerName: the container the reference is in; its own `containerName` goes before.
  func value(resource reference: JSON, containerName: String) throws(NodeAgentError) -> String {
    let name = reference["containerName"]?.string ?? containerName
    guard let container = pod.podContainer(named: name) else {
      throw NodeAgentError(.createContainerConfigError, "container \(name) not found for resourceFieldRef")
    }
    let resource = reference["resource"]?.string ?? ""
    let resources = ContainerResources(container: container)
    let number: Int64
    let isCPU: Bool
    switch resource {
    case "limits.cpu":
      (number, isCPU) = (resources.cpuLimitMilli > 0 ? resources.cpuLimitMilli : allocatableMilliCPU, true)
    case "requests.cpu": (number, isCPU) = (resources.cpuRequestMilli, true)
    case "limits.memory":
      (number, isCPU) = (resources.memoryLimit > 0 ? resources.memoryLimit : allocatableMemory, false)
    case "requests.memory": (number, isCPU) = (resources.memoryRequest, false)
    default: (number, isCPU) = (try amount(resource, of: container), false)
    }
    let divisor = reference["divisor"].flatMap { try? Quantity(json: $0) } ?? Quantity(1)
    let unit = divisor.isZero ? Quantity(1) : divisor
    let divided = isCPU ? Double(number) / Double(unit.milliValue) : Double(number) / Double(unit.value)
    return String(Int64(divided.rounded(.up)))
  }

  /// Of what else a container may be given.
  private func amount(_ resource: String, of container: JSON) throws(NodeAgentError) -> Int64 {
    let parts = resource.split(separator: ".", maxSplits: 1).map(String.init)
    guard parts.count == 2, parts[0] == "limits" || parts[0] == "requests",
      parts[1] == "ephemeral-storage" || parts[1].hasPrefix("hugepages-")
    else {
      throw NodeAgentError(.createContainerConfigError, "unsupported container resource: \(resource)")
    }
    if let value = container["resources"]?[parts[0]]?[parts[1]], let quantity = try? Quantity(json: value) {
      return quantity.value
    }
    return resource == "limits.ephemeral-storage" ? allocatableStorage : 0
  }

  /// `key="value"` lines in the order of their keys, as upstream's downward volume has them.
  private static func lines(_ pairs: [String: String]) -> String {
    pairs.keys.sorted().map { "\($0)=\(pairs[$0]!.goQuoted)" }.joined(separator: "\n")
  }
}
