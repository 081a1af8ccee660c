import HTTPTypes
import KubernetesAPI

extension RequestHandler {
  /// The answer to a read of one object, made without leaving the caller's thread: such reads are the most frequent
  /// requests and come from memory. `nil` for everything else.
  package func handleAtOnce(_ request: APIServerRequest) -> APIServerResponse? {
    // What is asked is kept on the way that all others take.
    guard configuration.auditor == nil else { return nil }
    guard request.method == .get, let user = request.user, !Self.impersonates(request) else { return nil }
    let (path, query) = Self.split(request.target)
    guard let info = RequestInfo(path: path, method: request.method, query: query), info.verb == "get",
      info.subresource.isEmpty, let kind = kind(info.groupVersion, info.resource)
    else { return nil }
    guard kind != .componentStatuses, kind.isNamespaced == !info.namespace.isEmpty, KindConversion.of(kind) == nil
    else { return nil }
    // A revision may have to be waited for.
    guard query.text("resourceVersion") == nil, query.text("timeout") == nil else { return nil }
    guard let ticket = flow.admitAtOnce(Self.flowRequest(.get, by: user, path: path, info)) else { return nil }
    defer { flow.finish(ticket) }
    let action = AccessAction(verb: "get", path: path, info)
    guard configuration.authorizer.decide(action, by: user).isAllowed else { return nil }
    let start = ContinuousClock.now
    var response = Self.warned(read(request, info: info, query: query, kind: kind, user: user), of: kind)
    // Compressing takes milliseconds, which are not the caller's thread's to give.
    if ResponseCompression.isWorthwhile(response, for: request.headers) { return nil }
    ticket.mark(&response)
    metrics.requests.count(
      RequestMetrics.Labels(request, info, query: query), code: response.status.code,
      seconds: (ContinuousClock.now - start) / .seconds(1))
    return response
  }

  private func read(
    _ request: APIServerRequest, info: RequestInfo, query: QueryParameters, kind: ResourceKind, user: User
  ) -> APIServerResponse {
    do {
      return ProtobufAnswers.converted(
        try rest.get(ResourceRequest(request, info: info, query: query, kind: kind, user: user)),
        accept: request.headers[.accept])
    } catch {
      return ProtobufAnswers.converted(APIServerResponse(error), accept: request.headers[.accept])
    }
  }
}
