import JSONTree

extension TableLayout {
  private static let eventColumns = [
    TableColumn("Last Seen", "When it last happened."), TableColumn("Type", "Normal or Warning."),
    TableColumn("Reason", "What happened, in a word."), TableColumn("Object", "What it happened to."),
    TableColumn("Subobject", wide: true, "Which part of the object."),
    TableColumn("Source", wide: true, "Who reports it."), TableColumn("Message", "What happened."),
    TableColumn("First Seen", wide: true, "When it first happened."),
    TableColumn("Count", type: "integer", wide: true, "How often it happened."),
    TableColumn("Name", format: "name", wide: true, "The event's name."),
  ]

  /// The names of the fields that the two event kinds call differently.
  private struct EventNames {
    let object, message, first, last, count, source, controller: String
  }

  static let coreEvent = TableLayout(columns: eventColumns) { object, now in
    cells(
      object, now,
      EventNames(
        object: "involvedObject", message: "message", first: "firstTimestamp", last: "lastTimestamp", count: "count",
        source: "source", controller: "reportingComponent"))
  }

  static let event = TableLayout(columns: eventColumns) { object, now in
    cells(
      object, now,
      EventNames(
        object: "regarding", message: "note", first: "deprecatedFirstTimestamp", last: "deprecatedLastTimestamp",
        count: "deprecatedCount", source: "deprecatedSource", controller: "reportingController"))
  }

  private static func cells(_ event: JSON, _ now: Timestamp, _ names: EventNames) -> [JSON] {
    let first = JSON.age(event[names.first]?.string ?? event["eventTime"]?.string, now)
    var last = event[names.last]?.string.map { JSON.age($0, now) } ?? first
    var count = event[names.count]?.int ?? 0
    if let series = event["series"] {
      last = JSON.age(series["lastObservedTime"]?.string, now)
      count = series["count"]?.int ?? 0
    } else if count == 0 {
      count = 1
    }
    let object = event[names.object]
    let kind = (object?["kind"]?.string ?? "").lowercased()
    let name = object?["name"]?.string ?? ""
    return [
      .string(last), .string(event["type"]?.string ?? ""), .string(event["reason"]?.string ?? ""),
      .string(name.isEmpty ? kind : "\(kind)/\(name)"), .string(object?["fieldPath"]?.string ?? ""),
      .string(source(event, names)), .string(trimmed(event[names.message]?.string ?? "")), .string(first), .int(count),
      .string(event.name),
    ]
  }

  private static func source(_ event: JSON, _ names: EventNames) -> String {
    func text(_ value: JSON?, or other: JSON?) -> String {
      let text = value?.string ?? ""
      return text.isEmpty ? other?.string ?? "" : text
    }
    let component = text(event[names.source]?["component"], or: event[names.controller])
    let host = text(event[names.source]?["host"], or: event["reportingInstance"])
    return host.isEmpty ? component : "\(component), \(host)"
  }

  private static func trimmed(_ text: String) -> String {
    var text = text[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
