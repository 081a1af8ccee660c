package import JSONTree

/// Who manages which fields of an object: `metadata.managedFields`.
package struct ManagedFields: Hashable, Sendable {
  package enum Operation: String, Hashable, Sendable {
    case apply = "Apply"
    case update = "Update"
  }

  /// Who a set of fields belongs to.
  package struct Manager: Hashable, Sendable {
    package var name: String
    package var operation: Operation
    package var apiVersion: String
    package var subresource: String

    package init(name: String, operation: Operation, apiVersion: String, subresource: String = "") {
      self.name = name
      self.operation = operation
      self.apiVersion = apiVersion
      self.subresource = subresource
    }

    /// Whoever applies is the same whichever version they speak.
    func isSame(as other: Manager) -> Bool {
      name == other.name && operation == other.operation && subresource == other.subresource
        && (operation == .apply || apiVersion == other.apiVersion)
    }
  }

  package struct Entry: Hashable, Sendable {
    package var manager: Manager
    package var time: String?
    package var fields: FieldSet
  }

  /// More managers that update than these are merged into one, the oldest first.
  private static let updateLimit = 10
  private static let ancient = "ancient-changes"

  package private(set) var entries: [Entry] = []

  package init() {}

  /// Reads `metadata.managedFields`. `nil` where it is not well-formed.
  package init?(json: JSON?) {
    for item in json?.items ?? [] {
      guard let operation = item["operation"]?.string.flatMap(Operation.init(rawValue:)),
        let fields = FieldSet(fieldsV1: item["fieldsV1"] ?? [:])
      else { return nil }
      entries.append(
        Entry(
          manager: Manager(
            name: item["manager"]?.string ?? "", operation: operation, apiVersion: item["apiVersion"]?.string ?? "",
            subresource: item["subresource"]?.string ?? ""),
          time: item["time"]?.string, fields: fields))
    }
  }

  /// The value of `metadata.managedFields`; `nil` where nobody manages anything.
  package var json: JSON? {
    if entries.isEmpty { return nil }
    return .array(
      entries.map { entry in
        var item: JSON = [
          "manager": .string(entry.manager.name), "operation": .string(entry.manager.operation.rawValue),
          "apiVersion": .string(entry.manager.apiVersion),
        ]
        item["time"] = entry.time.map { .string($0) }
        item["fieldsType"] = "FieldsV1"
        item["fieldsV1"] = entry.fields.fieldsV1
        if !entry.manager.subresource.isEmpty { item["subresource"] = .string(entry.manager.subresource) }
        return item
      })
  }

  package subscript(_ manager: Manager) -> Entry? { entries.first { $0.manager.isSame(as: manager) } }

  /// All fields that others than `manager` have.
  package func fields(exceptOf manager: Manager) -> FieldSet {
    entries.reduce(into: FieldSet()) { set, entry in
      if !entry.manager.isSame(as: manager) { set.formUnion(entry.fields) }
    }
  }

  /// Takes a change that `manager` made: it has what it changed, and nobody else has it any more.
  package mutating func record(_ change: FieldComparison, by manager: Manager, ignoring ignored: FieldSet, now: String)
  {
    let changed = change.changed.subtractingAll(below: ignored)
    give(changed, removed: change.removed, takenBy: manager)
    let own = self[manager]?.fields ?? FieldSet()
    set(
      own.subtracting(change.removed).union(changed).subtractingAll(below: ignored), of: manager, now: now)
    mergeOldest()
    sort()
  }

  /// Takes what `manager` applied: it has all that it named. Nobody else has what it changed.
  package mutating func record(
    applied fields: FieldSet, _ change: FieldComparison, by manager: Manager, now: String
  ) {
    give(change.changed, removed: change.removed, takenBy: manager)
    set(fields, of: manager, now: now)
    sort()
  }

  private mutating func give(_ changed: FieldSet, removed: FieldSet, takenBy manager: Manager) {
    for index in entries.indices where !entries[index].manager.isSame(as: manager) {
      entries[index].fields = entries[index].fields.subtracting(changed).subtracting(removed)
    }
    entries.removeAll { $0.fields.isEmpty && !$0.manager.isSame(as: manager) }
  }

  private mutating func set(_ fields: FieldSet, of manager: Manager, now: String) {
    guard let index = entries.firstIndex(where: { $0.manager.isSame(as: manager) }) else {
      if !fields.isEmpty { entries.append(Entry(manager: manager, time: now, fields: fields)) }
      return
    }
    // What is unchanged keeps its time, so that a write without effect stays one.
    if entries[index].fields == fields, entries[index].manager == manager { return }
    if fields.isEmpty {
      entries.remove(at: index)
    } else {
      entries[index] = Entry(manager: manager, time: now, fields: fields)
    }
  }

  private mutating func mergeOldest() {
    var updates = entries.indices.filter { entries[$0].manager.operation == .update }
    guard updates.count > Self.updateLimit else { return }
    updates.sort { (entries[$0].time ?? "", $0) < (entries[$1].time ?? "", $1) }
    let old = updates.prefix(updates.count - Self.updateLimit + 1)
    var buckets: [String: Entry] = [:]
    for index in old {
      let entry = entries[index]
      var bucket =
        buckets[entry.manager.apiVersion]
        ?? Entry(
          manager: Manager(name: Self.ancient, operation: .update, apiVersion: entry.manager.apiVersion),
          time: entry.time, fields: FieldSet())
      bucket.fields.formUnion(entry.fields)
      bucket.time = max(bucket.time ?? "", entry.time ?? "")
      buckets[entry.manager.apiVersion] = bucket
    }
    entries = entries.indices.filter { !old.contains($0) }.map { entries[$0] } + buckets.values
  }

  private mutating func sort() {
    entries.sort { left, right in
      let (one, two) = (left.manager, right.manager)
      return (one.operation.rawValue, left.time ?? "", one.name, one.apiVersion, one.subresource)
        < (two.operation.rawValue, right.time ?? "", two.name, two.apiVersion, two.subresource)
    }
  }
}
