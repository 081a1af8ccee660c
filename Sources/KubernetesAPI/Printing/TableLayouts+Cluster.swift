import JSONTree

extension TableLayout {
  private static let core = "io.k8s.api.core.v1"
  private static let networking = "io.k8s.api.networking.v1"
  private static let storage = "io.k8s.api.storage.v1"
  private static let rbac = "io.k8s.api.rbac.v1"

  /// Networks, storage and access.
  static let clusterKinds: [String: TableLayout] = [
    "\(core).ComponentStatus": componentStatus,
    "\(core).PersistentVolume": persistentVolume,
    "\(core).PersistentVolumeClaim": persistentVolumeClaim,
    "\(networking).Ingress": ingress,
    "\(networking).IngressClass": ingressClass,
    "\(networking).NetworkPolicy": networkPolicy,
    "\(networking).IPAddress": ipAddress,
    "\(networking).ServiceCIDR": serviceCIDR,
    "io.k8s.api.node.v1.RuntimeClass": runtimeClass,
    "\(storage).StorageClass": storageClass,
    "\(storage).VolumeAttachment": volumeAttachment,
    "\(storage).CSINode": csiNode,
    "\(storage).VolumeAttributesClass": attributesClass,
    "\(rbac).Role": role,
    "\(rbac).ClusterRole": role,
    "\(rbac).RoleBinding": binding,
    "\(rbac).ClusterRoleBinding": binding,
  ]

  private static let componentStatus = TableLayout(
    columns: [
      .name, TableColumn("Status", "Healthy, Unhealthy or Unknown."), TableColumn("Message", "What it says of itself."),
      TableColumn("Error", "Why it is not well."),
    ]
  ) { object, _ in
    let found = (object["conditions"]?.items ?? []).first { $0["type"] == "Healthy" }
    let status = found.map { $0["status"] == "True" ? "Healthy" : "Unhealthy" } ?? "Unknown"
    return [
      .string(object.name), .string(status), .string(found?["message"]?.string ?? ""),
      .string(found?["error"]?.string ?? ""),
    ]
  }

  private static let persistentVolume = TableLayout(
    columns: [
      .name, TableColumn("Capacity", "How large it is."), TableColumn("Access Modes", "How it may be mounted."),
      TableColumn("Reclaim Policy", "What becomes of it when its claim is gone."), TableColumn("Status", "Its phase."),
      TableColumn("Claim", "The claim that has it."), TableColumn("StorageClass", "What kind of storage."),
      TableColumn("VolumeAttributesClass", "What qualities it has."), TableColumn("Reason", "Why it is in that phase."),
      .age, TableColumn("VolumeMode", wide: true, "Filesystem or Block."),
    ]
  ) { object, now in
    let spec = object.spec
    let claim = spec["claimRef"].map { "\($0["namespace"]?.string ?? "")/\($0["name"]?.string ?? "")" } ?? ""
    let phase = object.isTerminating ? "Terminating" : object.status["phase"]?.string ?? ""
    return [
      .string(object.name), .string(spec[path: "capacity", "storage"]?.string ?? ""),
      .string(accessModes(spec["accessModes"])), .string(spec["persistentVolumeReclaimPolicy"]?.string ?? ""),
      .string(phase), .string(claim), .string(spec["storageClassName"]?.string ?? ""),
      .string(spec["volumeAttributesClassName"]?.string ?? "<unset>"), .string(object.status["reason"]?.string ?? ""),
      .string(object.age(now)), .string(spec["volumeMode"]?.string ?? "<unset>"),
    ]
  }

  private static let persistentVolumeClaim = TableLayout(
    columns: [
      .name, TableColumn("Status", "Its phase."), TableColumn("Volume", "The volume it has."),
      TableColumn("Capacity", "How large that is."), TableColumn("Access Modes", "How it may be mounted."),
      TableColumn("StorageClass", "What kind of storage."),
      TableColumn("VolumeAttributesClass", "What qualities it has."), .age,
      TableColumn("VolumeMode", wide: true, "Filesystem or Block."),
    ]
  ) { object, now in
    let (spec, status) = (object.spec, object.status)
    let isBound = spec["volumeName"]?.string?.isEmpty == false
    let phase = object.isTerminating ? "Terminating" : status["phase"]?.string ?? ""
    return [
      .string(object.name), .string(phase), .string(spec["volumeName"]?.string ?? ""),
      .string(isBound ? status[path: "capacity", "storage"]?.string ?? "" : ""),
      .string(isBound ? accessModes(status["accessModes"]) : ""), .string(spec["storageClassName"]?.string ?? ""),
      .string(spec["volumeAttributesClassName"]?.string ?? "<unset>"), .string(object.age(now)),
      .string(spec["volumeMode"]?.string ?? "<unset>"),
    ]
  }

  private static func accessModes(_ modes: JSON?) -> String {
    let short = [
      "ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP",
    ]
    let given = (modes?.items ?? []).compactMap { $0.string.flatMap { short[$0] } }
    return ["RWO", "ROX", "RWX", "RWOP"].filter(given.contains).joined(separator: ",")
  }

  private static let ingress = TableLayout(
    columns: [
      .name, TableColumn("Class", "Who serves it."), TableColumn("Hosts", "The hosts it serves."),
      TableColumn("Address", "Where it is reached."), TableColumn("Ports", "The ports."), .age,
    ]
  ) { object, now in
    let hosts = (object.spec["rules"]?.items ?? []).compactMap { $0["host"]?.string }.filter { !$0.isEmpty }
    let places = (object.status[path: "loadBalancer", "ingress"]?.items ?? []).compactMap {
      $0["ip"]?.string ?? $0["hostname"]?.string
    }
    let list = hosts.isEmpty ? "*" : hosts.prefix(3).joined(separator: ",")
    return [
      .string(object.name), .string(object.spec["ingressClassName"]?.string ?? "<none>"),
      .string(hosts.count > 3 ? "\(list) + \(hosts.count - 3) more..." : list),
      .string(places.joined(separator: ",")),
      .string(object.spec["tls"]?.items.isEmpty == false ? "80, 443" : "80"), .string(object.age(now)),
    ]
  }

  private static let ingressClass = TableLayout(
    columns: [
      .name, TableColumn("Controller", "Who serves it."), TableColumn("Parameters", "An object with settings."), .age,
    ]
  ) { object, now in
    var text = "<none>"
    if let parameters = object.spec["parameters"] {
      let group = parameters["apiGroup"]?.string.map { ".\($0)" } ?? ""
      text = "\(parameters["kind"]?.string ?? "")\(group)/\(parameters["name"]?.string ?? "")"
    }
    return [
      .string(object.name), .string(object.spec["controller"]?.string ?? ""), .string(text), .string(object.age(now)),
    ]
  }

  private static let networkPolicy = TableLayout(
    columns: [.name, TableColumn("Pod-Selector", "Which pods it is about."), .age]
  ) { object, now in
    let selector = (try? LabelSelector(object: object.spec["podSelector"]))?.description ?? "<error>"
    return [.string(object.name), .string(selector.isEmpty ? "<none>" : selector), .string(object.age(now))]
  }

  private static let ipAddress = TableLayout(
    columns: [.name, TableColumn("ParentRef", "Who has the address."), .age]
  ) { object, now in
    let parent = object.spec["parentRef"] ?? [:]
    let parts = ["resource", "group", "namespace", "name"].compactMap { parent[$0]?.string }.filter { !$0.isEmpty }
    return [.string(object.name), .string(parts.joined(separator: "/")), .string(object.age(now))]
  }

  private static let serviceCIDR = TableLayout(
    columns: [.name, TableColumn("CIDRs", "The blocks."), .age]
  ) { object, now in
    let blocks = (object.spec["cidrs"]?.items ?? []).compactMap(\.string).joined(separator: ",")
    return [.string(object.name), .string(blocks), .string(object.age(now))]
  }

  private static let runtimeClass = TableLayout(
    columns: [.name, TableColumn("Handler", "What the container runtime calls it."), .age]
  ) { object, now in
    [.string(object.name), .string(object["handler"]?.string ?? ""), .string(object.age(now))]
  }

  private static let storageClass = TableLayout(
    columns: [
      .name, TableColumn("Provisioner", "Who makes its volumes."),
      TableColumn("ReclaimPolicy", "What becomes of a volume when its claim is gone."),
      TableColumn("VolumeBindingMode", "When volumes are bound."),
      TableColumn("AllowVolumeExpansion", "Whether volumes may grow."), .age,
    ]
  ) { object, now in
    let isDefault = object.annotations["storageclass.kubernetes.io/is-default-class"] == "true"
    return [
      .string(isDefault ? "\(object.name) (default)" : object.name), .string(object["provisioner"]?.string ?? ""),
      .string(object["reclaimPolicy"]?.string ?? "Delete"),
      .string(object["volumeBindingMode"]?.string ?? "Immediate"), .bool(object["allowVolumeExpansion"] == true),
      .string(object.age(now)),
    ]
  }

  private static let volumeAttachment = TableLayout(
    columns: [
      .name, TableColumn("Attacher", "The driver."), TableColumn("PV", "The volume."), TableColumn("Node", "The node."),
      TableColumn("Attached", type: "boolean", "Whether it is attached."), .age,
    ]
  ) { object, now in
    [
      .string(object.name), .string(object.spec["attacher"]?.string ?? ""),
      .string(object.spec[path: "source", "persistentVolumeName"]?.string ?? ""),
      .string(object.spec["nodeName"]?.string ?? ""), .bool(object.status["attached"] == true),
      .string(object.age(now)),
    ]
  }

  private static let csiNode = TableLayout(
    columns: [.name, TableColumn("Drivers", type: "integer", "How many drivers it has."), .age]
  ) { object, now in
    [.string(object.name), .int(Int64(object.spec["drivers"]?.items.count ?? 0)), .string(object.age(now))]
  }

  private static let attributesClass = TableLayout(
    columns: [.name, TableColumn("DriverName", "The driver."), .age]
  ) { object, now in
    [.string(object.name), .string(object["driverName"]?.string ?? ""), .string(object.age(now))]
  }

  private static let role = TableLayout(columns: [.name, TableColumn("Created At", "When it was made.")]) { object, _ in
    [.string(object.name), .string(object.creationTimestamp ?? "")]
  }

  private static let binding = TableLayout(
    columns: [
      .name, TableColumn("Role", "The role."), .age, TableColumn("Users", wide: true, "Users that have it."),
      TableColumn("Groups", wide: true, "Groups that have it."),
      TableColumn("ServiceAccounts", wide: true, "Service accounts that have it."),
    ]
  ) { object, now in
    let subjects = object["subjects"]?.items ?? []
    func names(_ kind: JSON) -> JSON {
      .string(
        subjects.filter { $0["kind"] == kind }.compactMap { subject in
          let name = subject["name"]?.string ?? ""
          return kind == "ServiceAccount" ? "\(subject["namespace"]?.string ?? "")/\(name)" : name
        }.joined(separator: ", "))
    }
    let role = object["roleRef"]
    return [
      .string(object.name), .string("\(role?["kind"]?.string ?? "")/\(role?["name"]?.string ?? "")"),
      .string(object.age(now)), names("User"), names("Group"), names("ServiceAccount"),
    ]
  }
}
