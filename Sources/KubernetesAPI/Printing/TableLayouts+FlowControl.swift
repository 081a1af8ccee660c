import JSONTree

extension TableLayout {
  private static let flowControl = "io.k8s.api.flowcontrol.v1"

  /// How requests share the server.
  static let flowControlKinds: [String: TableLayout] = [
    "\(flowControl).FlowSchema": flowSchema,
    "\(flowControl).PriorityLevelConfiguration": priorityLevel,
  ]

  private static let flowSchema = TableLayout(
    columns: [
      .name, TableColumn("PriorityLevel", "How urgent its requests are."),
      TableColumn("MatchingPrecedence", "Which of several schemas counts: the one with the least."),
      TableColumn("DistinguisherMethod", "What tells its flows apart."), .age,
      TableColumn("MissingPL", "Whether there is no such priority level."),
    ]
  ) { object, now in
    [
      .string(object.name), .string(object.spec[path: "priorityLevelConfiguration", "name"]?.string ?? ""),
      .string(String(object.spec["matchingPrecedence"]?.int ?? 0)),
      .string(object.spec[path: "distinguisherMethod", "type"]?.string ?? "<none>"), .string(object.age(now)),
      .string(object.condition("Dangling")?["status"]?.string ?? "?"),
    ]
  }

  private static let priorityLevel = TableLayout(
    columns: [
      .name, TableColumn("Type", "Exempt or Limited."),
      TableColumn("NominalConcurrencyShares", "Its share of the requests served at a time."),
      TableColumn("Queues", "How many queues there are."), TableColumn("HandSize", "From how many a flow chooses."),
      TableColumn("QueueLengthLimit", "How many requests may wait in one."), .age,
    ]
  ) { object, now in
    func text(_ value: JSON?) -> JSON { value?.int.map { .string(String($0)) } ?? "<none>" }
    let level = object.spec["limited"] ?? object.spec["exempt"]
    let queuing = level?["limitResponse"]?["queuing"]
    return [
      .string(object.name), .string(object.spec["type"]?.string ?? ""), text(level?["nominalConcurrencyShares"]),
      text(queuing?["queues"]), text(queuing?["handSize"]), text(queuing?["queueLengthLimit"]),
      .string(object.age(now)),
    ]
  }
}
