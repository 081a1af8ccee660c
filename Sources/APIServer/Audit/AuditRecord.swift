import HTTPTypes
import JSONTree
import KubernetesAPI
import NIOConcurrencyHelpers
import NIOCore

/// One request on its way through the server, as the audit log is told of it.
final class AuditRecord: Sendable {
  private struct State {
    var user: User?
    var impersonated: User?
    var verdict = AuditPolicy.Verdict(level: .none, omitStages: [], omitManagedFields: false)
    var isEnded = false
    /// Events that wait until it is known whether they count; `nil`: they are written at once.
    var held: [[UInt8]]?
  }

  let id: String
  let notes = RequestNotes()
  private let auditor: Auditor
  private let request: APIServerRequest
  private let info: RequestInfo?
  private let action: AccessAction
  private let received = Timestamp.now
  private let state = NIOLockedValueBox(State())

  init(_ request: APIServerRequest, _ info: RequestInfo?, path: String, query: QueryParameters, auditor: Auditor) {
    self.request = request
    self.info = info
    self.auditor = auditor
    action = AccessAction(
      verb: info?.verb ?? request.method.rawValue.lowercased(), path: path, info, query)
    let given = request.headers[.auditID] ?? ""
    id = given.isEmpty ? UID.random() : given
  }

  // MARK: What becomes known

  /// Who asks: from now on it is known whether the request is kept.
  func receive(_ user: User) {
    state.withLockedValue { state in
      state.user = user
      state.verdict = auditor.policy.verdict(action, by: user)
    }
    emit(.requestReceived, code: nil, answer: nil)
  }

  func impersonate(_ user: User) { state.withLockedValue { $0.impersonated = user } }

  func decide(_ decision: AuthorizationDecision) {
    notes.annotate("authorization.k8s.io/decision", decision.isAllowed ? "allow" : "forbid")
    notes.annotate("authorization.k8s.io/reason", decision.reason)
  }

  /// Keeps events back until ``release()``, or for good with ``drop()``.
  func hold() { state.withLockedValue { $0.held = [] } }

  func release() {
    let held = state.withLockedValue { state in
      defer { state.held = nil }
      return state.held ?? []
    }
    for event in held { auditor.log.append(event) }
  }

  /// The request comes again by another way, and is told of there.
  func drop() {
    state.withLockedValue { state in
      state.held = nil
      state.isEnded = true
    }
  }

  // MARK: The answer

  /// Notes the answer. The end of one that goes on is noted when it comes.
  func finish(_ response: APIServerResponse) -> APIServerResponse {
    var response = response
    response.headers[.auditID] = id
    if state.withLockedValue({ $0.user == nil }) {
      refuse(code: response.status.code)
      return response
    }
    switch response.body {
    case .buffer:
      if isLongRunning { start(response) }
      end(response)
    case .stream(let stream):
      start(response)
      response.body = .stream(AuditedStream(stream) { [self, response] in end(response) })
    }
    return response
  }

  /// What upstream takes for a request that may go on, however it ends.
  private var isLongRunning: Bool {
    info?.verb == "watch" || Self.longRunning.contains(info?.subresource ?? "")
  }

  private static let longRunning: Set<String> = ["attach", "exec", "log", "portforward", "proxy"]

  /// The answer's head is on its way, and its body goes on.
  func start(_ response: APIServerResponse) { emit(.responseStarted, code: response.status.code, answer: nil) }

  /// Once: a stream may end in several ways.
  func end(_ response: APIServerResponse) {
    let isFirst = state.withLockedValue { state -> Bool in
      defer { state.isEnded = true }
      return !state.isEnded
    }
    guard isFirst else { return }
    emit(.responseComplete, code: response.status.code, answer: answer(response))
  }

  /// Somebody who could not be told who they are.
  private func refuse(code: Int) {
    state.withLockedValue { $0.verdict = auditor.policy.verdict(action, by: User(name: "", groups: [])) }
    let hasToken = request.headers[.authorization] != nil
    let status: JSON = [
      "metadata": [:],
      "message": .string(
        hasToken ? "Authentication failed, attempted: bearer" : "Authentication failed, no credentials provided"),
      "code": .int(Int64(code)),
    ]
    emit(.responseStarted, code: code, answer: nil, status: status)
  }

  /// The answer as a tree, where it is needed: a Status of failure says why, and some policies keep all answers.
  private func answer(_ response: APIServerResponse) -> JSON? {
    let level = state.withLockedValue { $0.verdict.level }
    guard level == .requestResponse || (level > .none && response.status.code >= 400),
      case .buffer(let buffer) = response.body
    else { return nil }
    switch MediaType.essence(response.headers[.contentType] ?? "") {
    case "application/json": return try? JSON.parse(buffer.readableBytesView)
    case ProtobufDecoder.mediaType: return try? ProtobufDecoder().object(Array(buffer.readableBytesView)[...])
    default: return nil
    }
  }

  // MARK: Events

  private func emit(_ stage: AuditStage, code: Int?, answer: JSON?, status: JSON? = nil) {
    let state = state.withLockedValue { $0 }
    guard state.verdict.level > .none, !state.verdict.omitStages.contains(stage) else { return }
    var event: JSON = [
      "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": .string(state.verdict.level.rawValue),
      "auditID": .string(id), "stage": .string(stage.rawValue), "requestURI": .string(request.target),
      "verb": .string(action.verb), "user": Self.json(state.user),
    ]
    if let impersonated = state.impersonated { event["impersonatedUser"] = Self.json(impersonated) }
    let sources = request.sourceAddresses
    if !sources.isEmpty { event["sourceIPs"] = .array(sources.map(JSON.string)) }
    event["userAgent"] = request.headers[.userAgent].map(JSON.string)
    event["objectRef"] = objectReference(answer)
    if let code { event["responseStatus"] = status ?? Self.status(code: code, answer) }
    if stage != .requestReceived, let body = requestObject(state.verdict) { event["requestObject"] = body }
    if state.verdict.level == .requestResponse, let answer {
      event["responseObject"] = state.verdict.omitManagedFields ? Self.withoutManagedFields(answer) : answer
    }
    event["requestReceivedTimestamp"] = .string(received.microText)
    event["stageTimestamp"] = .string((stage == .requestReceived ? received : Timestamp.now).microText)
    let annotations = notes.annotations
    if !annotations.isEmpty {
      event["annotations"] = .object(JSONObject(annotations.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
    }
    write(event.encoded() + [0x0a])
  }

  private func write(_ line: [UInt8]) {
    let isHeld = self.state.withLockedValue { state in
      state.held?.append(line)
      return state.held != nil
    }
    if !isHeld { auditor.log.append(line) }
  }

  private static func json(_ user: User?) -> JSON {
    guard let user, !user.name.isEmpty else { return [:] }
    var json = user.json
    if user.groups.isEmpty { json["groups"] = nil }
    return json
  }

  private static func status(code: Int, _ answer: JSON?) -> JSON {
    var status: JSON = ["metadata": [:]]
    if let answer, answer.kind == "Status", answer.apiVersion == "v1" {
      for member in ["status", "message", "reason", "details"] { status[member] = answer[member] }
    }
    status["code"] = .int(Int64(code))
    return status
  }

  private func objectReference(_ answer: JSON?) -> JSON? {
    guard let info, !info.resource.isEmpty else { return nil }
    var reference: JSON = ["resource": .string(info.resource)]
    // A new object's name may be the server's choice.
    let name = info.name.isEmpty && info.verb == "create" ? answer?.name ?? "" : info.name
    for (member, text) in [
      ("namespace", info.namespace), ("name", name), ("apiGroup", info.groupVersion.group),
      ("apiVersion", info.groupVersion.version), ("subresource", info.subresource),
    ] where !text.isEmpty {
      reference[member] = .string(text)
    }
    return reference
  }

  private func requestObject(_ verdict: AuditPolicy.Verdict) -> JSON? {
    guard verdict.level >= .request, let info, !info.resource.isEmpty, request.body.readableBytes > 0 else {
      return nil
    }
    let type = request.headers[.contentType] ?? ""
    let body: JSON?
    if type.contains("patch+json") {
      body = try? JSON.parse(request.body.readableBytesView)
    } else if type.contains("patch+yaml") {
      body = try? RequestBody(request.body, contentType: "application/yaml").tree
    } else {
      body = try? RequestBody(request.body, contentType: type).tree
    }
    return verdict.omitManagedFields ? body.map(Self.withoutManagedFields) : body
  }

  private static func withoutManagedFields(_ object: JSON) -> JSON {
    var object = object
    if object["metadata"]?["managedFields"] != nil { object[path: "metadata", "managedFields"] = nil }
    if let items = object["items"]?.array { object["items"] = .array(items.map(withoutManagedFields)) }
    return object
  }
}

extension HTTPField.Name {
  static let auditID = HTTPField.Name("Audit-ID")!
}
