import JSONTree

extension TableLayout {
  private static let core = "io.k8s.api.core.v1"

  /// By the full name of the kind's schema.
  static let layouts: [String: TableLayout] = [
    "\(core).Namespace": namespace,
    "\(core).Node": node,
    "\(core).Pod": pod,
    "\(core).Service": service,
    "\(core).Endpoints": endpoints,
    "\(core).ConfigMap": configMap,
    "\(core).Secret": secret,
    "\(core).ServiceAccount": serviceAccount,
    "\(core).Event": coreEvent,
    "io.k8s.api.events.v1.Event": event,
    "io.k8s.api.discovery.v1.EndpointSlice": endpointSlice,
    "io.k8s.api.coordination.v1.Lease": lease,
    "io.k8s.api.apps.v1.Deployment": deployment,
    "io.k8s.api.apps.v1.ReplicaSet": replicaSet,
  ].merging(furtherWorkloads) { _, new in new }.merging(clusterKinds) { _, new in new }
    .merging(flowControlKinds) { _, new in new }

  private static let namespace = TableLayout(
    columns: [.name, TableColumn("Status", "Active, or Terminating."), .age]
  ) { object, now in
    [.string(object.name), .string(object.status["phase"]?.string ?? ""), .string(object.age(now))]
  }

  private static let configMap = TableLayout(
    columns: [.name, TableColumn("Data", "Number of entries."), .age]
  ) { object, now in
    let count = (object["data"]?.object?.count ?? 0) + (object["binaryData"]?.object?.count ?? 0)
    return [.string(object.name), .int(Int64(count)), .string(object.age(now))]
  }

  private static let secret = TableLayout(
    columns: [.name, TableColumn("Type", "What the secret is for."), TableColumn("Data", "Number of entries."), .age]
  ) { object, now in
    [
      .string(object.name), .string(object["type"]?.string ?? ""), .int(Int64(object["data"]?.object?.count ?? 0)),
      .string(object.age(now)),
    ]
  }

  private static let serviceAccount = TableLayout(
    columns: [.name, TableColumn("Secrets", "Number of secrets it may use."), .age]
  ) { object, now in
    [.string(object.name), .int(Int64(object["secrets"]?.items.count ?? 0)), .string(object.age(now))]
  }

  private static let lease = TableLayout(
    columns: [.name, TableColumn("Holder", "Who holds the lease."), .age]
  ) { object, now in
    [.string(object.name), .string(object.spec["holderIdentity"]?.string ?? ""), .string(object.age(now))]
  }
}

extension JSON {
  /// How long ago the object was made, as tables show it.
  func age(_ now: Timestamp) -> String { Self.age(creationTimestamp, now) }

  /// How long ago a time was; `<unknown>` where there is none.
  static func age(_ time: String?, _ now: Timestamp) -> String {
    guard let time, let timestamp = Timestamp(time) else { return "<unknown>" }
    return (now - timestamp).ageText
  }

  /// Labels as tables show them: sorted, `<none>` where there are none.
  static func labelText(_ labels: JSON?) -> String {
    let pairs = labels?.object?.strings ?? [:]
    if pairs.isEmpty { return "<none>" }
    return pairs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
  }
}
