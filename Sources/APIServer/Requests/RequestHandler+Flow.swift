import HTTPTypes
import KubernetesAPI

extension RequestHandler {
  /// Waits until a request may be served. What goes on for long does not count, but for a watch's beginning.
  /// - Returns: The answer to one that may not.
  func admit(
    _ request: APIServerRequest, by user: User, path: String, info: RequestInfo?, _ ticket: inout FlowController.Ticket?
  ) async -> APIServerResponse? {
    if let info, RequestTimeout.longSubresources.contains(info.subresource) { return nil }
    switch await flow.admit(Self.flowRequest(request.method, by: user, path: path, info)) {
    case .admitted(let admitted):
      ticket = admitted
      return nil
    case .refused(let refused):
      var response = APIServerResponse(text: "Too many requests, please try again later.\n", code: 429)
      response.headers[.retryAfter] = "1"
      refused.mark(&response)
      return response
    }
  }

  static func flowRequest(
    _ method: HTTPRequest.Method, by user: User, path: String, _ info: RequestInfo?
  ) -> FlowRequest {
    guard let info, !info.resource.isEmpty else {
      return FlowRequest(user: user, verb: method.rawValue.lowercased(), path: path, info: nil)
    }
    return FlowRequest(user: user, verb: info.verb, path: path, info: info)
  }
}
