import JSONTree

extension TableLayout {
  private static let core = "io.k8s.api.core.v1"

  static let furtherWorkloads: [String: TableLayout] = [
    "\(core).ReplicationController": replicationController,
    "\(core).PodTemplate": podTemplate,
    "\(core).ResourceQuota": resourceQuota,
    "\(core).LimitRange": TableLayout(columns: [.name, TableColumn("Created At", "When it was made.")]) { object, _ in
      [.string(object.name), .string(object.creationTimestamp ?? "")]
    },
    "io.k8s.api.apps.v1.StatefulSet": statefulSet,
    "io.k8s.api.apps.v1.DaemonSet": daemonSet,
    "io.k8s.api.apps.v1.ControllerRevision": controllerRevision,
    "io.k8s.api.batch.v1.Job": job,
    "io.k8s.api.batch.v1.CronJob": cronJob,
    "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler": autoscaler,
    "io.k8s.api.policy.v1.PodDisruptionBudget": disruptionBudget,
    "io.k8s.api.scheduling.v1.PriorityClass": priorityClass,
  ]

  /// It selects by labels alone.
  private static let replicationController = TableLayout(columns: replicaSet.columns) { object, now in
    replicaSet.cells(object, now).dropLast() + [.string(JSON.labelText(object.spec["selector"]))]
  }

  private static let podTemplate = TableLayout(
    columns: [
      .name, TableColumn("Containers", "Names of the containers."), TableColumn("Images", "Their images."),
      TableColumn("Pod Labels", "Labels of the pods."),
    ]
  ) { object, _ in
    let containers = object[path: "template", "spec", "containers"]?.items ?? []
    return [
      .string(object.name), .string(containers.compactMap { $0["name"]?.string }.joined(separator: ",")),
      .string(containers.compactMap { $0["image"]?.string }.joined(separator: ",")),
      .string(JSON.labelText(object[path: "template", "metadata", "labels"])),
    ]
  }

  private static let resourceQuota = TableLayout(
    columns: [
      .name, TableColumn("Request", "Requests and counts: used and allowed."),
      TableColumn("Limit", "Limits: used and allowed."), .age,
    ]
  ) { object, now in
    let hard = object.status["hard"] ?? object.spec["hard"]
    var (requests, limits): ([String], [String]) = ([], [])
    for member in (hard?.object?.members ?? []).sorted(by: { $0.key < $1.key }) {
      let used = object.status["used"]?[member.key]?.string ?? "0"
      let text = "\(member.key): \(used)/\(member.value.string ?? "")"
      if member.key.hasPrefix("limits.") { limits.append(text) } else { requests.append(text) }
    }
    return [
      .string(object.name), .string(requests.joined(separator: ", ")), .string(limits.joined(separator: ", ")),
      .string(object.age(now)),
    ]
  }

  private static let statefulSet = TableLayout(
    columns: [.name, TableColumn("Ready", "Ready pods of those wanted."), .age, .containers, .images]
  ) { object, now in
    [
      .string(object.name),
      .string("\(object.status["readyReplicas"]?.int ?? 0)/\(object.spec["replicas"]?.int ?? 0)"),
      .string(object.age(now)),
    ] + templateCells(object).dropLast()
  }

  private static let daemonSet = TableLayout(
    columns: [
      .name, TableColumn("Desired", type: "integer", "Nodes that should have a pod."),
      TableColumn("Current", type: "integer", "Nodes that have one."),
      TableColumn("Ready", type: "integer", "Nodes with a ready one."),
      TableColumn("Up-to-date", type: "integer", "Nodes with one of the present template."),
      TableColumn("Available", type: "integer", "Nodes with one that has been ready for long enough."),
      TableColumn("Node Selector", "Labels of the nodes."), .age, .containers, .images, .selector,
    ]
  ) { object, now in
    let numbers = [
      "desiredNumberScheduled", "currentNumberScheduled", "numberReady", "updatedNumberScheduled", "numberAvailable",
    ].map { JSON.int(object.status[$0]?.int ?? 0) }
    return [.string(object.name)] + numbers + [
      .string(JSON.labelText(object.spec[path: "template", "spec", "nodeSelector"])), .string(object.age(now)),
    ] + templateCells(object)
  }

  private static let controllerRevision = TableLayout(
    columns: [
      .name, TableColumn("Controller", "The workload it belongs to."),
      TableColumn("Revision", type: "integer", "Its number."), .age,
    ]
  ) { object, now in
    let owner = object.ownerReferences.first { $0["controller"] == true }
    let kind = owner?["kind"]?.string?.lowercased() ?? ""
    let group = owner?["apiVersion"]?.string?.split(separator: "/").dropLast().first.map { ".\($0)" } ?? ""
    return [
      .string(object.name),
      .string(owner.map { "\(kind)\(group)/\($0["name"]?.string ?? "")" } ?? "<none>"),
      .int(object["revision"]?.int ?? 0), .string(object.age(now)),
    ]
  }

  private static let job = TableLayout(
    columns: [
      .name, TableColumn("Status", "How far it has come."),
      TableColumn("Completions", "Pods that succeeded, of those needed."),
      TableColumn("Duration", "How long it has worked."), .age, .containers, .images, .selector,
    ]
  ) { object, now in
    let succeeded = object.status["succeeded"]?.int ?? 0
    let parallelism = object.spec["parallelism"]?.int ?? 0
    let completions: String
    if let wanted = object.spec["completions"]?.int {
      completions = "\(succeeded)/\(wanted)"
    } else {
      completions = parallelism > 1 ? "\(succeeded)/1 of \(parallelism)" : "\(succeeded)/1"
    }
    return [
      .string(object.name), .string(jobState(object)), .string(completions), .string(duration(object, now)),
      .string(object.age(now)),
    ] + templateCells(object)
  }

  private static func jobState(_ object: JSON) -> String {
    func holds(_ type: JSON) -> Bool {
      (object.status["conditions"]?.items ?? []).contains { $0["type"] == type && $0["status"] == "True" }
    }
    for (type, text): (JSON, String) in [("Complete", "Complete"), ("Failed", "Failed")] where holds(type) {
      return text
    }
    if object.isTerminating { return "Terminating" }
    for (type, text): (JSON, String) in [
      ("Suspended", "Suspended"), ("FailureTarget", "FailureTarget"), ("SuccessCriteriaMet", "SuccessCriteriaMet"),
    ] where holds(type) {
      return text
    }
    return "Running"
  }

  private static func duration(_ object: JSON, _ now: Timestamp) -> String {
    guard let start = object.status["startTime"]?.string.flatMap({ Timestamp($0) }) else { return "" }
    let end = object.status["completionTime"]?.string.flatMap { Timestamp($0) } ?? now
    return (end - start).ageText
  }

  private static let cronJob = TableLayout(
    columns: [
      .name, TableColumn("Schedule", "When jobs begin."), TableColumn("Timezone", "In which time zone."),
      TableColumn("Suspend", type: "boolean", "Whether none begins for now."),
      TableColumn("Active", type: "integer", "Jobs that work."),
      TableColumn("Last Schedule", "How long ago the last one began."), .age, .containers, .images, .selector,
    ]
  ) { object, now in
    let template = object.spec["jobTemplate"] ?? [:]
    let last = object.status["lastScheduleTime"]?.string
    return [
      .string(object.name), .string(object.spec["schedule"]?.string ?? ""),
      .string(object.spec["timeZone"]?.string ?? "<none>"),
      .string(object.spec["suspend"] == true ? "True" : "False"),
      .int(Int64(object.status["active"]?.items.count ?? 0)), .string(last.map { JSON.age($0, now) } ?? "<none>"),
      .string(object.age(now)),
    ] + templateCells(template).dropLast()
      + [.string(template.spec["selector"] == nil ? "<none>" : templateCells(template).last?.string ?? "<none>")]
  }

  private static let autoscaler = TableLayout(
    columns: [
      .name, TableColumn("Reference", "The workload."),
      TableColumn("Targets", "What is measured, and where it should be."),
      TableColumn("MinPods", "The least number of pods."), TableColumn("MaxPods", "The greatest."),
      TableColumn("Replicas", "Pods there are."), .age,
    ]
  ) { object, now in
    let target = object.spec["scaleTargetRef"]
    return [
      .string(object.name), .string("\(target?["kind"]?.string ?? "")/\(target?["name"]?.string ?? "")"),
      .string(targets(object)), .string(object.spec["minReplicas"]?.int.map { "\($0)" } ?? "<unset>"),
      .int(object.spec["maxReplicas"]?.int ?? 0), .int(object.status["currentReplicas"]?.int ?? 0),
      .string(object.age(now)),
    ]
  }

  private static func targets(_ object: JSON) -> String {
    let metrics = object.spec["metrics"]?.items ?? []
    let current = object.status["currentMetrics"]?.items ?? []
    if metrics.isEmpty { return "<none>" }
    var texts: [String] = []
    for (index, metric) in metrics.enumerated().prefix(2) {
      let type = metric["type"]?.string ?? ""
      let name = type.prefix(1).lowercased() + type.dropFirst()
      let wanted = metric[name]?["target"]
      let seen = index < current.count ? current[index][name]?["current"] : nil
      let label = type == "Resource" || type == "ContainerResource" ? "\(metric[name]?["name"]?.string ?? ""): " : ""
      if let share = wanted?["averageUtilization"]?.int {
        let now = seen?["averageUtilization"]?.int.map { "\($0)%" } ?? "<unknown>"
        texts.append("\(label)\(now)/\(share)%")
      } else if let value = wanted?["averageValue"]?.string {
        texts.append(
          "\(label)\(seen?["averageValue"]?.string ?? "<unknown>")/\(value)\(type == "Pods" ? "" : " (avg)")")
      } else {
        texts.append("\(label)\(seen?["value"]?.string ?? "<unknown>")/\(wanted?["value"]?.string ?? "<auto>")")
      }
    }
    let text = texts.joined(separator: ", ")
    return metrics.count > 2 ? "\(text) + \(metrics.count - 2) more..." : text
  }

  private static let disruptionBudget = TableLayout(
    columns: [
      .name, TableColumn("Min Available", "How many pods must stay."),
      TableColumn("Max Unavailable", "How many may be missing."),
      TableColumn("Allowed Disruptions", type: "integer", "How many may go now."), .age,
    ]
  ) { object, now in
    func amount(_ name: String) -> JSON {
      .string(IntOrString(json: object.spec[name])?.description ?? "N/A")
    }
    return [
      .string(object.name), amount("minAvailable"), amount("maxUnavailable"),
      .int(object.status["disruptionsAllowed"]?.int ?? 0), .string(object.age(now)),
    ]
  }

  private static let priorityClass = TableLayout(
    columns: [
      .name, TableColumn("Value", type: "integer", "The priority."),
      TableColumn("Global-Default", type: "boolean", "Whether it counts for pods that name none."), .age,
      TableColumn("PreemptionPolicy", "Whether such pods push others out."),
    ]
  ) { object, now in
    [
      .string(object.name), .int(object["value"]?.int ?? 0), .bool(object["globalDefault"] == true),
      .string(object.age(now)), .string(object["preemptionPolicy"]?.string ?? ""),
    ]
  }
}
