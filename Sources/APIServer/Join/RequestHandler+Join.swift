import HTTPTypes
import JSONTree
import KubernetesAPI
import Logging
import NIOCore

extension RequestHandler {
  /// Certifies the keys of a machine that joins. Who may ask is the roles' decision; a node that is there and ready is
  /// not replaced by another machine of the same name.
  func join(_ request: APIServerRequest, by user: User) throws(APIStatus) -> APIServerResponse {
    guard request.method == .post else {
      throw .methodNotAllowed("the server does not allow this method on the requested resource")
    }
    let body: JSON
    do { body = try JSON.parse(Array(request.body.readableBytesView)) } catch {
      throw .badRequest("the request is no JSON: \(error)")
    }
    let join = try NodeJoin(body)
    let node = try configuration.registry.object(.nodes, ObjectName(name: join.name))?.tree()
    if let node, node.isConditionTrue("Ready") {
      throw .conflict(
        .nodes, join.name,
        "a node of this name is ready: choose another name, or delete the node when its machine is off")
    }
    let certificates: NodeJoin.Certificates
    do { certificates = try configuration.identity.certify(join) } catch {
      throw .badRequest("requests: \(error)")
    }
    configuration.logger.notice(
      "a node joins", metadata: ["node": "\(join.name)", "by": "\(user.name)"])
    return APIServerResponse(json: ["certificates": certificates.json], code: 201)
  }
}
