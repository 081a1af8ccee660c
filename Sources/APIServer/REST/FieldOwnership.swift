import HTTPTypes
import JSONTree
import KubernetesAPI

/// Keeps `metadata.managedFields` true for a request's write.
struct FieldOwnership: Sendable {
  let manager: ManagedFields.Manager
  private let schema: MessageSchema?
  private let ignored: FieldSet
  private static let nameLimit = 128

  /// What nobody manages: the object's identity, and what the server fills in.
  private static let never: FieldSet = {
    let metadata = [
      "name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields", "resourceVersion",
      "generateName", "deletionTimestamp", "deletionGracePeriodSeconds",
    ].map { FieldSet.Child(element: "f:\($0)", set: .leaf) }.sorted { $0.element < $1.element }
    return FieldSet(children: [
      .init(element: "f:apiVersion", set: .leaf), .init(element: "f:kind", set: .leaf),
      .init(element: "f:metadata", set: FieldSet(children: metadata)),
    ])
  }()
  private static let status = FieldSet(children: [.init(element: "f:status", set: .leaf)])
  private static let spec = FieldSet(children: [.init(element: "f:spec", set: .leaf)])

  init(_ request: ResourceRequest, operation: ManagedFields.Operation = .update) {
    manager = ManagedFields.Manager(
      name: Self.name(request), operation: operation, apiVersion: request.kind.apiVersion,
      subresource: request.info.subresource)
    schema = SchemaRegistry.shared.schema(for: request.kind)
    let separate = request.kind.subresources.contains("status") ? Self.status : FieldSet()
    ignored = Self.never.union(request.info.subresource == "status" ? Self.spec : separate)
  }

  /// The `fieldManager` parameter, else the first word of the client's user agent.
  private static func name(_ request: ResourceRequest) -> String {
    if let name = request.query.text("fieldManager") { return name }
    let agent = request.request.headers[.userAgent] ?? ""
    let word = agent.prefix { $0 != "/" }.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f }
    let name = String(String.UnicodeScalarView(word.prefix(nameLimit)))
    return name.isEmpty ? "unknown" : name
  }

  /// Notes what a write changes. `given` is what the client sent as `managedFields`: a single empty entry takes them all
  /// away, none leaves them to the server.
  func record(_ object: inout JSON, replacing old: JSON?, given: JSON?) {
    guard let schema else { return }
    let was = old?["metadata"]?["managedFields"]
    if given == [[:]] {
      object[path: "metadata", "managedFields"] = nil
      return
    }
    let change = FieldComparison(from: old ?? .null, to: object, schema: schema)
    let isUntouched = given == nil || given == was || given?.items.isEmpty == true
    if change.isEmpty, isUntouched {
      object[path: "metadata", "managedFields"] = was
      return
    }
    var managed = (isUntouched ? nil : ManagedFields(json: given)) ?? ManagedFields(json: was) ?? ManagedFields()
    managed.record(change, by: manager, ignoring: ignored, now: Timestamp.now.description)
    object[path: "metadata", "managedFields"] = managed.json
  }

  /// The live object with a configuration applied, and who manages it then. Throws 409 where that changes what others
  /// manage, unless it is forced.
  func apply(_ given: JSON, to live: JSON?, force: Bool, kind: ResourceKind) throws(APIStatus) -> JSON {
    guard let schema else { throw .internalError("\(kind.kind) has no schema") }
    let configuration: AppliedConfiguration
    do {
      configuration = try AppliedConfiguration(given, schema: schema)
    } catch {
      throw .badRequest(
        "failed to create typed patch object (\(given.objectName); \(kind.apiVersion), Kind=\(kind.kind)): "
          + error.message)
    }
    let fields = configuration.fields.subtractingAll(below: ignored)
    var managed = ManagedFields(json: live?["metadata"]?["managedFields"]) ?? ManagedFields()
    let others = managed.fields(exceptOf: manager)
    var object = live.map(configuration.merged) ?? given
    if let had = managed[manager]?.fields {
      object = configuration.removing(had.subtracting(fields), keeping: others, from: object)
    }
    let change = FieldComparison(from: live ?? .null, to: object, schema: schema)
    if !force { try refuseConflicts(change, managed) }
    managed.record(applied: fields, change, by: manager, now: Timestamp.now.description)
    object[path: "metadata", "managedFields"] = managed.json
    return object
  }

  private func refuseConflicts(_ change: FieldComparison, _ managed: ManagedFields) throws(APIStatus) {
    let changed = change.changed.subtractingAll(below: ignored)
    var causes: [APIStatus.Cause] = []
    var groups: [(manager: String, paths: [String])] = []
    for entry in managed.entries where entry.manager != manager {
      let isSame =
        entry.manager.name == manager.name && entry.manager.operation == .apply
        && entry.manager.subresource == manager.subresource
      let paths = isSame ? [] : entry.fields.intersection(changed).paths
      guard !paths.isEmpty else { continue }
      let name = Self.text(entry.manager)
      groups.append((name, paths))
      causes += paths.map {
        APIStatus.Cause(reason: "FieldManagerConflict", message: "conflict with \(name)", field: $0)
      }
    }
    guard !causes.isEmpty else { return }
    let text: String
    if causes.count == 1, let only = groups.first {
      text = "1 conflict: conflict with \(only.manager): \(only.paths[0])"
    } else {
      let lists = groups.sorted { $0.manager < $1.manager }.map { group in
        "conflicts with \(group.manager):\n" + group.paths.map { "- \($0)" }.joined(separator: "\n")
      }
      text = "\(causes.count) conflicts: \(lists.joined(separator: "\n"))"
    }
    var status = APIStatus(code: 409, reason: "Conflict", message: "Apply failed with \(text)")
    status.details = APIStatus.Details()
    status.details?.causes = causes
    throw status
  }

  private static func text(_ manager: ManagedFields.Manager) -> String {
    var text = manager.name.goQuoted
    if !manager.subresource.isEmpty { text += " with subresource \(manager.subresource.goQuoted)" }
    return manager.operation == .update ? "\(text) using \(manager.apiVersion)" : text
  }
}
