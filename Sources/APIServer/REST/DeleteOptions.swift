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

  init(_ request: ResourceRequest) throws(APIStatus) {
    let body = try request.bodyTree()?.tree ?? [:]
    if !body.kind.isEmpty, body.kind != "DeleteOptions" {
      throw .badRequest("the body of a delete must be of kind DeleteOptions, not \(body.kind)")
    }
    let seconds = try request.query.integer("gracePeriodSeconds")
    gracePeriodSeconds = body["gracePeriodSeconds"]?.int ?? seconds
    if let seconds = gracePeriodSeconds, seconds < 0 {
      // Upstream takes a negative period for the shortest one.
      gracePeriodSeconds = 1
    }
    let policy = body["propagationPolicy"]?.string ?? request.query.text("propagationPolicy")
    let orphan = body["orphanDependents"]?.bool ?? request.query["orphanDependents"].map { $0 != "false" && $0 != "0" }
    if let policy {
      guard let value = Propagation(rawValue: policy) else {
        let supported = "supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\""
        throw .invalidOptions(
          "DeleteOptions",
          [FieldError(.notSupported, FieldPath("propagationPolicy"), .string(policy), supported)])
      }
      propagation = value
    } else if let orphan {
      propagation = orphan ? .orphan : .background
    }
    uid = body[path: "preconditions", "uid"]?.string
    resourceVersion = body[path: "preconditions", "resourceVersion"]?.string
    let dryRun = (body["dryRun"]?.items ?? []).compactMap(\.string)
    let bodyIsDryRun = try ResourceRequest.isDryRun(dryRun, options: "DeleteOptions")
    isDryRun = request.isDryRun || bodyIsDryRun
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
