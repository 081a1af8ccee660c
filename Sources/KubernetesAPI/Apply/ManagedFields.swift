package import JSONTree

/// `metadata.managedFields`: which manager owns which fields of an object.
package struct ManagedFields: Sendable {
  package enum Operation: String, Sendable {
    case apply = "Apply"
    case update = "Update"
  }

  /// Who an entry belongs to. An applier is the same one in every version of the API.
  package struct Owner: Sendable, Hashable {
    package var manager: String
    package var operation: Operation
    /// Empty for appliers.
    package var apiVersion: String
    package var subresource: String

    package init(manager: String, operation: Operation, apiVersion: String, subresource: String) {
      self.manager = manager
      self.operation = operation
      self.apiVersion = operation == .apply ? "" : apiVersion
      self.subresource = subresource
    }
  }

  package struct Entry: Sendable {
    package var owner: Owner
    package var apiVersion: String
    package var time: String?
    package var fields: FieldSet {
      didSet { text = nil }
    }
    /// The set as it was read, where it has not changed.
    fileprivate var text: JSON?

    package init(owner: Owner, apiVersion: String, time: String?, fields: FieldSet) {
      self.owner = owner
      self.apiVersion = apiVersion
      self.time = time
      self.fields = fields
    }
  }

  package var entries: [Entry]

  package init(entries: [Entry] = []) { self.entries = entries }

  package var isEmpty: Bool { entries.isEmpty }

  package func index(of owner: Owner) -> Int? { entries.firstIndex { $0.owner == owner } }

  subscript(_ owner: Owner) -> Entry? { index(of: owner).map { entries[$0] } }

  /// Puts an entry in the place of its owner's.
  mutating func set(_ entry: Entry) {
    if let index = index(of: entry.owner) { entries[index] = entry } else { entries.append(entry) }
  }

  mutating func remove(_ owner: Owner) { entries.removeAll { $0.owner == owner } }

  /// How many managers may have updated an object before the oldest ones are put together.
  static let maximumUpdaters = 10
  private static let ancient = "ancient-changes"

  /// Keeps the number of updaters within bounds: the oldest ones of a version become one entry.
  mutating func cap() {
    var updaters = entries.filter { $0.owner.operation == .update }
    guard updaters.count > Self.maximumUpdaters else { return }
    updaters.sort { ($0.time ?? "", $0.owner.manager) < ($1.time ?? "", $1.owner.manager) }
    var left = updaters.count
    var first: [String: Entry] = [:]
    for updater in updaters where left > Self.maximumUpdaters {
      guard let oldest = first[updater.apiVersion] else {
        first[updater.apiVersion] = updater
        continue
      }
      let bucket = Owner(
        manager: Self.ancient, operation: .update, apiVersion: updater.apiVersion, subresource: "")
      if self[bucket] == nil {
        remove(oldest.owner)
        set(Entry(owner: bucket, apiVersion: oldest.apiVersion, time: oldest.time, fields: oldest.fields))
      }
      guard let collected = self[bucket] else { continue }
      set(
        Entry(
          owner: bucket, apiVersion: updater.apiVersion, time: updater.time,
          fields: updater.fields.union(collected.fields)))
      if updater.owner != bucket { remove(updater.owner) }
      left -= 1
    }
  }
}

/// Reading and writing the list.
extension ManagedFields {
  /// More entries than any history leaves; their cost for a write is bounded with their number.
  private static let maximumEntries = 128

  /// `nil` where an entry is not what upstream writes, or where there are too many.
  package init?(json: JSON?) {
    guard let json else {
      self.init()
      return
    }
    guard case .array(let items) = json, items.count <= Self.maximumEntries else { return nil }
    var entries: [Entry] = []
    for item in items {
      guard let operation = Operation(rawValue: item["operation"]?.string ?? ""),
        item["fieldsType"]?.string == "FieldsV1", let version = item["apiVersion"]?.string, !version.isEmpty
      else { return nil }
      let text = item["fieldsV1"] ?? [:]
      guard let fields = FieldSet(json: text) else { return nil }
      let owner = Owner(
        manager: item["manager"]?.string ?? "", operation: operation, apiVersion: version,
        subresource: item["subresource"]?.string ?? "")
      var entry = Entry(owner: owner, apiVersion: version, time: item["time"]?.string, fields: fields)
      entry.text = text
      entries.append(entry)
    }
    self.init(entries: entries)
  }

  /// A request that holds this says that nothing shall be tracked any more.
  static func isReset(_ json: JSON?) -> Bool {
    guard case .array(let items)? = json, items.count == 1 else { return false }
    return items[0].object?.isEmpty ?? items[0].isNull
  }

  /// In upstream's order; `nil` where there are none.
  package var json: JSON? {
    guard !entries.isEmpty else { return nil }
    return .array(entries.sorted(by: Self.precedes).map(\.json))
  }

  private static func precedes(_ left: Entry, _ right: Entry) -> Bool {
    if left.owner.operation != right.owner.operation {
      return left.owner.operation.rawValue < right.owner.operation.rawValue
    }
    return (left.time ?? "", left.owner.manager, left.apiVersion, left.owner.subresource)
      < (right.time ?? "", right.owner.manager, right.apiVersion, right.owner.subresource)
  }

  /// Whether two lists differ in their time stamps at most.
  package static func areSame(_ left: JSON?, _ right: JSON?) -> Bool {
    let left = left?.items ?? []
    let right = right?.items ?? []
    guard left.count == right.count else { return false }
    func withoutTime(_ entry: JSON) -> JSON {
      var entry = entry
      entry["time"] = nil
      return entry
    }
    let old = left.map(withoutTime)
    return right.allSatisfy { old.contains(withoutTime($0)) }
  }
}

extension ManagedFields.Entry {
  fileprivate var json: JSON {
    var object = JSONObject()
    object.members.reserveCapacity(7)
    object.members.append(.init(key: "manager", value: .string(owner.manager)))
    object.members.append(.init(key: "operation", value: .string(owner.operation.rawValue)))
    object.members.append(.init(key: "apiVersion", value: .string(apiVersion)))
    if let time { object.members.append(.init(key: "time", value: .string(time))) }
    object.members.append(.init(key: "fieldsType", value: "FieldsV1"))
    object.members.append(.init(key: "fieldsV1", value: text ?? fields.json))
    if !owner.subresource.isEmpty {
      object.members.append(.init(key: "subresource", value: .string(owner.subresource)))
    }
    return .object(object)
  }
}
