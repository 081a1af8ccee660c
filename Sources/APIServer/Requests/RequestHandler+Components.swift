import JSONTree
import KubernetesAPI

/// A part of the control plane, as `componentstatuses` shows it.
package struct ControlPlaneComponent: Sendable {
  package let name: String
  /// What is wrong with it; `nil`: it is well.
  package let fault: @Sendable () async -> String?

  package init(_ name: String, fault: @escaping @Sendable () async -> String?) {
    self.name = name
    self.fault = fault
  }
}

/// `componentstatuses`: looked at when it is asked for.
extension RequestHandler {
  private static let deprecation = "v1 ComponentStatus is deprecated in v1.19+"

  func components(_ request: ResourceRequest) async throws(APIStatus) -> APIServerResponse {
    request.notes.warn(Self.deprecation)
    let registry = configuration.registry
    let store = ControlPlaneComponent("etcd-0") { await registry.storeFault() }
    let all = (configuration.components + [store]).sorted { $0.name < $1.name }
    switch request.info.verb {
    case "list":
      let selection = try request.selection()
      var items: [JSON] = []
      for component in all {
        let object = await Self.status(of: component)
        guard selection.fields?.matches(["metadata.name": object.name]) ?? true,
          selection.labels?.matches(object.labels) ?? true
        else { continue }
        items.append(object)
      }
      return rest.answer(items, metadata: [:], to: request)
    case "get":
      guard let component = all.first(where: { $0.name == request.info.name }) else {
        throw APIStatus(code: 500, reason: "", message: "Component not found: \(request.info.name)")
      }
      return try rest.answer(await Self.status(of: component), to: request)
    default: throw .methodNotAllowed("the server does not allow this method on the requested resource")
    }
  }

  private static func status(of component: ControlPlaneComponent) async -> JSON {
    var condition: JSON = ["type": "Healthy"]
    if let fault = await component.fault() {
      condition["status"] = "False"
      condition["error"] = .string(fault)
    } else {
      condition["status"] = "True"
      condition["message"] = "ok"
    }
    return [
      "kind": "ComponentStatus", "apiVersion": "v1",
      "metadata": ["name": .string(component.name), "creationTimestamp": .null], "conditions": [condition],
    ]
  }
}
