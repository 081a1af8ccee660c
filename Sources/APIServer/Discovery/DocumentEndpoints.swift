import HTTPTypes
import JSONTree
import KubernetesAPI
import NIOCore

/// The API's description of itself: groups, resources, OpenAPI. Made once, when the server starts or when first asked.
final class DocumentEndpoints: Sendable {
  private static let virtual = VirtualResource.all

  private let discovery = DiscoveryDocuments(
    kinds: ResourceKind.discovered, virtual: DocumentEndpoints.virtual)
  private let openAPI: OpenAPIDocuments
  private let serverAddress: String
  private let issuer: IssuerDocuments

  /// - Parameter serverAddress: `HOST:PORT`, as `/api` names it.
  init(serverAddress: String, tokens: ServiceAccountTokens) {
    issuer = IssuerDocuments(tokens: tokens, serverAddress: serverAddress)
    self.serverAddress = serverAddress
    openAPI = OpenAPIDocuments(
      OpenAPIDocument(kinds: ResourceKind.discovered, virtual: Self.virtual),
      OpenAPIv2Document(kinds: ResourceKind.discovered, virtual: Self.virtual))
  }

  /// `nil` for a path that is no document's.
  func answer(
    _ request: APIServerRequest, path: String, query: QueryParameters
  ) throws(APIStatus) -> APIServerResponse? {
    let parts = path.split(separator: "/").map(String.init)
    if request.method == .get || request.method == .head, let answer = issuer.answer(path) { return answer }
    guard let root = parts.first, ["api", "apis", "openapi"].contains(root) else {
      return path == "/" ? APIServerResponse(json: ["paths": .array(paths)], indented: true) : nil
    }
    guard request.method == .get || request.method == .head else {
      throw .methodNotAllowed("the server does not allow this method on the requested resource")
    }
    if root == "openapi" { return try openAPI.answer(Array(parts.dropFirst()), request, query: query) }
    let accept = request.headers[.accept] ?? ""
    switch (root, parts.count) {
    case ("api", 1):
      if let answer = aggregated(accept, isCore: true) { return answer }
      return APIServerResponse(json: discovery.coreVersions(serverAddress: serverAddress))
    case ("apis", 1):
      if let answer = aggregated(accept, isCore: false) { return answer }
      return APIServerResponse(json: discovery.groupList)
    case ("apis", 2): return discovery.group(parts[1]).map { APIServerResponse(json: $0) }
    case ("api", 2), ("apis", 3):
      guard let groupVersion = GroupVersion(apiVersion: parts.dropFirst().joined(separator: "/")) else { return nil }
      return discovery.resourceList(groupVersion).map { APIServerResponse(json: $0) }
    default: return nil
    }
  }

  /// Both forms of the list are the answer to `/api` and `/apis`; the client's first choice decides.
  private func aggregated(_ accept: String, isCore: Bool) -> APIServerResponse? {
    for part in accept.split(separator: ",") {
      let type = MediaType(part)
      guard type.essence == "application/json" || type.essence == "*/*" else { continue }
      guard type.parameters["as"] == "APIGroupDiscoveryList" else { return nil }
      guard type.parameters["g"] == "apidiscovery.k8s.io", type.parameters["v"] == "v2" else { continue }
      var response = APIServerResponse(json: discovery.aggregated(isCore: isCore))
      response.headers[.contentType] = "application/json;\(DiscoveryDocuments.aggregatedParameters)"
      return response
    }
    return nil
  }

  private var paths: [JSON] {
    let versions = discovery.groupVersions.map(\.path)
    return
      ([
        "/.well-known/openid-configuration", "/api", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3",
        "/openid/v1/jwks", "/readyz", "/version",
      ] + versions).sorted()
      .map { .string($0) }
  }
}
