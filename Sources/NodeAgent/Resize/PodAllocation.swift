import JSONTree
import KubernetesAPI

/// The resources of a pod's containers as the node sees them: what it has set aside, and what the containers have got.
/// What is asked for may be more, until there is room for it.
struct PodAllocation: Sendable, Hashable {
  /// By container: requests and limits.
  var allocated: [String: JSON]
  var actuated: [String: JSON]
  /// Containers that were ended, or are about to be, to start again with other resources.
  var restarting: Set<String> = []

  /// Everything as it is asked for.
  init(_ pod: JSON) {
    allocated = [:]
    for container in pod.containers + pod.initContainers {
      allocated[container.containerName] = Self.resources(of: container)
    }
    actuated = allocated
  }

  /// Requests and limits alone; claims are not what changes.
  static func resources(of container: JSON) -> JSON {
    var resources = container["resources"] ?? [:]
    resources["claims"] = nil
    return resources
  }

  /// The pod with its containers as the node has agreed to run them.
  func applied(to pod: JSON) -> JSON {
    var pod = pod
    for list in ["containers", "initContainers"] {
      guard var containers = pod.spec[list]?.array else { continue }
      var isChanged = false
      for index in containers.indices {
        guard let own = allocated[containers[index].containerName],
          !Self.isSame(own, Self.resources(of: containers[index]))
        else { continue }
        for side in ["requests", "limits"] { containers[index][path: "resources", side] = own[side] }
        isChanged = true
      }
      if isChanged { pod[path: "spec", list] = .array(containers) }
    }
    return pod
  }

  /// The pod as it counts against the node's room: of what is set aside and what the containers have, the greater.
  func counted(_ pod: JSON) -> JSON {
    var pod = applied(to: pod)
    for (list, statuses) in [("containers", "containerStatuses"), ("initContainers", "initContainerStatuses")] {
      pod[path: "status", statuses] = .array(
        (pod.spec[list]?.items ?? []).map { container in
          ["name": .string(container.containerName), "resources": actuated[container.containerName] ?? [:]]
        })
    }
    return EffectiveResources.pod(pod)
  }

  /// Whether the pod asks for what it has been allocated.
  func covers(_ pod: JSON) -> Bool { applied(to: pod) == pod }

  /// Whether two resource requirements mean the same, however they are written.
  static func isSame(_ left: JSON, _ right: JSON) -> Bool {
    left == right || ResourceQuantities(left) == ResourceQuantities(right)
  }

  // MARK: On disk

  /// `nil` where the text is none of ours.
  init?(json: JSON) {
    guard let allocated = json["allocated"]?.object, let actuated = json["actuated"]?.object else { return nil }
    self.allocated = Dictionary(allocated.members.map { ($0.key, $0.value) }) { $1 }
    self.actuated = Dictionary(actuated.members.map { ($0.key, $0.value) }) { $1 }
    restarting = Set((json["restarting"]?.items ?? []).compactMap(\.string))
  }

  var json: JSON {
    [
      "allocated": Self.object(allocated), "actuated": Self.object(actuated),
      "restarting": .array(restarting.sorted().map(JSON.string)),
    ]
  }

  private static func object(_ values: [String: JSON]) -> JSON {
    var object = JSONObject()
    for (name, value) in values.sorted(by: { $0.key < $1.key }) { object[name] = value }
    return .object(object)
  }
}
