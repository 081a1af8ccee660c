import HTTPTypes
import JSONTree

/// Browsers cannot set the headers of a WebSocket but its subprotocols: a bearer token may come as one of them, in
/// Base64.
enum WebSocketCredentials {
  private static let prefix = "base64url.bearer.authorization.k8s.io."
  private static let name = HTTPField.Name("Sec-WebSocket-Protocol")!

  /// What a request offers beside its token.
  static func subprotocols(of request: APIServerRequest) -> [String] {
    offered(request).filter { !$0.hasPrefix(prefix) }
  }

  private static func offered(_ request: APIServerRequest) -> [String] {
    request.headers[values: name].flatMap { $0.split(separator: ",") }.map { $0.filter { $0 != " " } }
  }

  /// The request with its token where others have it, and out of the subprotocols. As upstream, at least one other
  /// subprotocol has to be offered: what the server chooses it says aloud.
  static func moved(_ request: APIServerRequest) -> APIServerRequest {
    let offered = offered(request)
    guard request.headers[.authorization] == nil, let carrier = offered.first(where: { $0.hasPrefix(prefix) }),
      let token = Base64.decode(carrier.dropFirst(prefix.count), alphabet: .url)
    else { return request }
    let others = offered.filter { !$0.hasPrefix(prefix) }
    guard !others.isEmpty else { return request }
    var moved = request
    moved.headers[.authorization] = "Bearer \(String(decoding: token, as: UTF8.self))"
    moved.headers[name] = others.joined(separator: ", ")
    return moved
  }
}
