package import KubernetesAPI

/// Reaches what lies beyond the API server: the agents of the nodes for what only they have, and pods.
package protocol NodeProxy: Sendable {
  func logs(_ request: ResourceRequest, registry: Registry) async throws(APIStatus) -> APIServerResponse

  /// Passes a request for the `proxy` subresource of a pod, a service or a node on.
  func proxy(
    _ request: APIServerRequest, _ info: RequestInfo, kind: ResourceKind, registry: Registry
  ) async throws(APIStatus) -> APIServerResponse
}
