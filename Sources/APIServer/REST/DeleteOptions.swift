import JSONTree
import KubernetesAPI

/// How an object is to be deleted, from the body or the query.
struct DeleteOptions: Sendable {
  enum Propagation: String, Sendable {
    case background = "Background"
    case foreground = "Foreground"
    case orphan = "Orphan"
  }

  var gracePeriodSeconds: Int64?
  var propagation: Propagation?
  var uid: String?
  var resourceVersion: String?
  var isDryRun: Bool
  /// An object that stays for now is answered with 202.
  let isAcceptedWhilePending: Bool

  /// From the body; without one, from the query.
  init(_ request: ResourceRequest) throws(APIStatus) {
    let body = try Self.body(of: request)
    let options = if let body { body } else { try Self.parameters(request.query) }
    try self.init(request, given: options)
  }

  /// From what another body holds of them.
  init(_ request: ResourceRequest, given: JSON?) throws(APIStatus) {
    let options = given ?? [:]
    gracePeriodSeconds = options["gracePeriodSeconds"]?.int
    // Upstream takes a negative period for the shortest one.
    if let seconds = gracePeriodSeconds, seconds < 0 { gracePeriodSeconds = 1 }
    let policy = options["propagationPolicy"]?.string
    let orphan = options["orphanDependents"]?.bool
    var faults: [FieldError] = []
    let path = FieldPath("propagationPolicy")
    if let policy, orphan != nil {
      faults.append(
        .invalid(path, .string(policy), "orphanDependents and deletionPropagation cannot be both set"))
    }
    if let policy, Propagation(rawValue: policy) == nil {
      let supported = "supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\""
      faults.append(FieldError(.notSupported, path, .string(policy), supported))
    }
    guard faults.isEmpty else { throw .invalidOptions("DeleteOptions", faults) }
    propagation = policy.flatMap { Propagation(rawValue: $0) } ?? orphan.map { $0 ? .orphan : .background }
    isAcceptedWhilePending = propagation == .foreground || orphan == false
    uid = options[path: "preconditions", "uid"]?.string
    resourceVersion = options[path: "preconditions", "resourceVersion"]?.string
    let dryRun = (options["dryRun"]?.items ?? []).compactMap(\.string)
    let bodyIsDryRun = try ResourceRequest.isDryRun(dryRun, options: "DeleteOptions")
    isDryRun = request.isDryRun || bodyIsDryRun
  }

  /// The body read by the options' schema; they may come under any group.
  private static func body(of request: ResourceRequest) throws(APIStatus) -> JSON? {
    guard let body = try request.bodyTree()?.tree else { return nil }
    if !body.kind.isEmpty, body.kind != "DeleteOptions" {
      throw .badRequest("the body of a delete must be of kind DeleteOptions, not \(body.kind)")
    }
    guard let schema = SchemaRegistry.shared.schema(apiVersion: "v1", kind: "DeleteOptions") else {
      throw .internalError("DeleteOptions has no schema")
    }
    do {
      return try ObjectDecoder().decode(body, as: schema, validation: .ignore).object
    } catch {
      throw .badRequest(error.reason)
    }
  }

  private static func parameters(_ query: QueryParameters) throws(APIStatus) -> JSON {
    var options: JSON = [:]
    options["gracePeriodSeconds"] = try query.integer("gracePeriodSeconds").map { .int($0) }
    options["propagationPolicy"] = query.text("propagationPolicy").map { .string($0) }
    if query["orphanDependents"] != nil { options["orphanDependents"] = .bool(query.flag("orphanDependents")) }
    return options
  }

  func check(_ object: JSON, kind: ResourceKind) throws(APIStatus) {
    if let uid, uid != object.uid {
      throw .conflict(
        kind, object.name, "Precondition failed: UID in precondition: \(uid), UID in object meta: \(object.uid)")
    }
    if let resourceVersion, resourceVersion != object.resourceVersion {
      throw .conflict(
        kind, object.name,
        "Precondition failed: ResourceVersion in precondition: \(resourceVersion), ResourceVersion in object meta: "
          + object.resourceVersion)
    }
  }

  /// The object's finalizers after this delete: the garbage collector acts on the two of the propagation policies.
  func finalizers(of object: JSON) -> [String] {
    var finalizers = object.finalizers
    switch propagation {
    case nil: return finalizers
    case .background: finalizers.removeAll { $0 == Self.foregroundFinalizer || $0 == Self.orphanFinalizer }
    case .foreground:
      finalizers.removeAll { $0 == Self.orphanFinalizer }
      if !finalizers.contains(Self.foregroundFinalizer) { finalizers.append(Self.foregroundFinalizer) }
    case .orphan:
      finalizers.removeAll { $0 == Self.foregroundFinalizer }
      if !finalizers.contains(Self.orphanFinalizer) { finalizers.append(Self.orphanFinalizer) }
    }
    return finalizers
  }

  static let foregroundFinalizer = "foregroundDeletion"
  static let orphanFinalizer = "orphan"
}
