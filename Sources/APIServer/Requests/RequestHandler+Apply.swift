import KubernetesAPI

extension RequestHandler {
  /// An apply to an object that is not there creates it, and so does an update of some kinds: whoever asks must be allowed
  /// to do that too.
  func authorizeCreation(by request: ResourceRequest) throws(APIStatus) {
    let isUpdate = request.info.verb == "update" && rest.strategies[request.kind].allowsCreateOnUpdate
    guard isUpdate || ApplyBody.isApply(request), request.info.subresource.isEmpty,
      try configuration.registry.object(request.kind, request.name) == nil
    else { return }
    var info = request.info
    info.verb = "create"
    try authorize(request.user, request.request, path: Self.split(request.request.target).path, info: info)
  }
}
