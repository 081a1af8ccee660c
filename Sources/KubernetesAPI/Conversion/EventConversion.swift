import JSONTree

/// Events of the core group and of events.k8s.io: the same objects in other words.
enum EventConversion {
  /// core/v1's member, and events.k8s.io/v1's.
  private static let members = [
    ("involvedObject", "regarding"), ("related", "related"), ("reason", "reason"), ("message", "note"),
    ("source", "deprecatedSource"), ("firstTimestamp", "deprecatedFirstTimestamp"),
    ("lastTimestamp", "deprecatedLastTimestamp"), ("count", "deprecatedCount"), ("type", "type"),
    ("eventTime", "eventTime"), ("series", "series"), ("action", "action"),
    ("reportingComponent", "reportingController"), ("reportingInstance", "reportingInstance"),
  ]

  @Sendable static func toCore(_ event: JSON) -> JSON {
    var core: JSON = ["kind": "Event", "apiVersion": "v1"]
    core["metadata"] = event["metadata"]
    for (name, other) in members { core[name] = event[other] }
    // These are never left out in the core group.
    for (name, empty) in [
      ("involvedObject", [:]), ("source", [:]), ("firstTimestamp", .null), ("lastTimestamp", .null),
      ("eventTime", .null), ("reportingComponent", ""), ("reportingInstance", ""),
    ] as [(String, JSON)] where core[name] == nil {
      core[name] = empty
    }
    return core
  }

  @Sendable static func fromCore(_ core: JSON) -> JSON {
    var event: JSON = ["kind": "Event", "apiVersion": "events.k8s.io/v1"]
    event["metadata"] = core["metadata"]
    for (name, other) in members {
      guard let value = core[name], name == "eventTime" || value != .string("") else { continue }
      event[other] = value
    }
    // These are never left out here.
    for (name, empty) in [
      ("eventTime", .null), ("regarding", [:]), ("deprecatedSource", [:]), ("deprecatedFirstTimestamp", .null),
      ("deprecatedLastTimestamp", .null),
    ] as [(String, JSON)] where event[name] == nil {
      event[name] = empty
    }
    return event
  }
}
