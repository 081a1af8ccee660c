import HTTPTypes
import JSONTree
import KubernetesAPI

extension RequestHandler {
  private static let defaultLifetime: Int64 = 3600
  private static let lifetimes: ClosedRange<Int64> = 600...(1 << 32)
  /// Pods' tokens are asked for with this odd length and stay valid for a year, for clients that never read them anew.
  private static let extendedRequest: Int64 = 3607

  /// `serviceaccounts/token`: a new token for an account (TokenRequest).
  func createToken(_ request: ResourceRequest) async throws(APIStatus) -> APIServerResponse {
    guard let account = try configuration.registry.object(.serviceAccounts, request.name) else {
      throw .notFound(.serviceAccounts, request.info.name)
    }
    var review = try request.bodyTree()?.tree ?? [:]
    let seconds = review[path: "spec", "expirationSeconds"]?.int ?? Self.defaultLifetime
    guard Self.lifetimes.contains(seconds) else {
      throw Self.invalidRequest(
        "spec.expirationSeconds: Invalid value: \(seconds): may not specify a duration "
          + (seconds < 600 ? "less than 10 minutes" : "larger than 2^32 seconds"))
    }
    let tokens = configuration.authenticator.tokens
    let given = (review[path: "spec", "audiences"]?.items ?? []).compactMap(\.string)
    let audiences = given.isEmpty ? [tokens.defaultAudience] : given
    let now = Timestamp.now.seconds
    let lifetime = seconds == Self.extendedRequest && given.isEmpty ? 365 * 86400 : seconds
    var token = ServiceAccountToken(
      namespace: request.namespace,
      serviceAccount: ServiceAccountToken.Reference(name: request.info.name, uid: account.uid), audiences: audiences,
      issuedAt: now, expiresAt: now + lifetime, identifier: UID.random())
    try bind(&token, to: review[path: "spec", "boundObjectRef"], in: request)
    do {
      review["status"] = [
        "token": .string(try tokens.sign(token)),
        "expirationTimestamp": .string(Timestamp(seconds: now + seconds).description),
      ]
    } catch {
      throw .internalError("the token could not be signed: \(error)")
    }
    review["kind"] = "TokenRequest"
    review["apiVersion"] = "authentication.k8s.io/v1"
    review["metadata"] = [
      "name": .string(request.info.name), "namespace": .string(request.namespace),
      "creationTimestamp": .string(Timestamp(seconds: now).description),
    ]
    review[path: "spec", "audiences"] = .array(audiences.map { .string($0) })
    review[path: "spec", "expirationSeconds"] = .int(seconds)
    return APIServerResponse(json: review, code: 201)
  }

  private func bind(
    _ token: inout ServiceAccountToken, to reference: JSON?, in request: ResourceRequest
  ) throws(APIStatus) {
    guard let reference else { return }
    let name = reference["name"]?.string ?? ""
    let kind: ResourceKind
    switch reference["kind"]?.string {
    case "Pod": kind = .pods
    case "Secret": kind = .secrets
    default: throw Self.invalidRequest("spec.boundObjectRef.kind: cannot bind token for this kind of object")
    }
    let objectName = ObjectName(namespace: request.namespace, name: name)
    guard let object = try configuration.registry.object(kind, objectName) else { throw .notFound(kind, name) }
    if let uid = reference["uid"]?.string, !uid.isEmpty, uid != object.uid {
      throw .conflict(
        kind, name,
        "the UID in the bound object reference (\(uid)) does not match the UID in record. The object might "
          + "have been deleted and then recreated")
    }
    let bound = ServiceAccountToken.Reference(name: name, uid: object.uid)
    guard kind == .pods else {
      token.secret = bound
      return
    }
    let pod = try object.tree()
    guard pod[path: "spec", "serviceAccountName"]?.string == request.info.name else {
      throw .badRequest(
        "cannot bind token for serviceaccount \"\(request.info.name)\" to pod running with different serviceaccount "
          + "name.")
    }
    token.pod = bound
    if let node = pod[path: "spec", "nodeName"]?.string,
      let found = try configuration.registry.object(.nodes, ObjectName(name: node))
    {
      token.node = ServiceAccountToken.Reference(name: node, uid: found.uid)
    }
  }

  private static func invalidRequest(_ text: String) -> APIStatus {
    APIStatus(code: 422, reason: "Invalid", message: "TokenRequest.authentication.k8s.io \"\" is invalid: \(text)")
  }
}
