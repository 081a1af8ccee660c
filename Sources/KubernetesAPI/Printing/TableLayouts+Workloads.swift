import JSONTree

extension TableLayout {
  static let deployment = TableLayout(
    columns: [
      .name, TableColumn("Ready", "Ready pods of those wanted."),
      TableColumn("Up-to-date", "Pods made from the present template."),
      TableColumn("Available", "Pods that have been ready for long enough."), .age, .containers, .images, .selector,
    ]
  ) { object, now in
    let status = object.status
    let ready = status["readyReplicas"]?.int ?? 0
    return [
      .string(object.name), .string("\(ready)/\(object.spec["replicas"]?.int ?? 0)"),
      .int(status["updatedReplicas"]?.int ?? 0), .int(status["availableReplicas"]?.int ?? 0), .string(object.age(now)),
    ] + templateCells(object)
  }

  static let replicaSet = TableLayout(
    columns: [
      .name, TableColumn("Desired", type: "integer", "Pods wanted."),
      TableColumn("Current", type: "integer", "Pods there are."),
      TableColumn("Ready", type: "integer", "Pods that are ready."), .age, .containers, .images, .selector,
    ]
  ) { object, now in
    let status = object.status
    return [
      .string(object.name), .int(object.spec["replicas"]?.int ?? 0), .int(status["replicas"]?.int ?? 0),
      .int(status["readyReplicas"]?.int ?? 0), .string(object.age(now)),
    ] + templateCells(object)
  }

  /// Containers, images and selector.
  static func templateCells(_ object: JSON) -> [JSON] {
    let containers = object.spec[path: "template", "spec", "containers"]?.items ?? []
    let selector = try? LabelSelector(object: object.spec["selector"])
    return [
      .string(containers.compactMap { $0["name"]?.string }.joined(separator: ",")),
      .string(containers.compactMap { $0["image"]?.string }.joined(separator: ",")),
      .string(selector?.description ?? "<error>"),
    ]
  }

  static let node = TableLayout(
    columns: [
      .name, TableColumn("Status", "Whether the node is ready and takes pods."),
      TableColumn("Roles", "The roles its labels name."), .age, TableColumn("Version", "Version of its agent."),
      TableColumn("Internal-IP", wide: true, "Address inside the cluster."),
      TableColumn("External-IP", wide: true, "Address outside the cluster."),
      TableColumn("OS-Image", wide: true, "Its operating system."),
      TableColumn("Kernel-Version", wide: true, "Its kernel."),
      TableColumn("Container-Runtime", wide: true, "Its container runtime."),
    ]
  ) { object, now in
    let information = object.status["nodeInfo"]
    func text(_ field: String) -> JSON {
      let value = information?[field]?.string ?? ""
      return .string(value.isEmpty ? "<unknown>" : value)
    }
    return [
      .string(object.name), .string(nodeStatus(object)), .string(nodeRoles(object)), .string(object.age(now)),
      .string(information?["kubeletVersion"]?.string ?? ""), .string(nodeAddress(object, "InternalIP")),
      .string(nodeAddress(object, "ExternalIP")), text("osImage"), text("kernelVersion"),
      text("containerRuntimeVersion"),
    ]
  }

  private static func nodeStatus(_ node: JSON) -> String {
    let ready = (node.status["conditions"]?.items ?? []).last { $0["type"] == "Ready" }
    let state = ready.map { $0["status"] == "True" ? "Ready" : "NotReady" } ?? "Unknown"
    return node.spec["unschedulable"] == true ? "\(state),SchedulingDisabled" : state
  }

  private static func nodeRoles(_ node: JSON) -> String {
    var roles: Set<String> = []
    for (key, value) in node.labels {
      if key.hasPrefix("node-role.kubernetes.io/"), let role = key.split(separator: "/").dropFirst().first {
        roles.insert(String(role))
      } else if key == "kubernetes.io/role", !value.isEmpty {
        roles.insert(value)
      }
    }
    return roles.isEmpty ? "<none>" : roles.sorted().joined(separator: ",")
  }

  private static func nodeAddress(_ node: JSON, _ type: JSON) -> String {
    (node.status["addresses"]?.items ?? []).first { $0["type"] == type }?["address"]?.string ?? "<none>"
  }
}
