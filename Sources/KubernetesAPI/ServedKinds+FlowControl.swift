extension GroupVersion {
  package static let flowControl = GroupVersion(group: "flowcontrol.apiserver.k8s.io", version: "v1")
}

/// How requests share the server.
extension ResourceKind {
  package static let flowSchemas = ResourceKind(
    "FlowSchema", plural: "flowschemas", in: .flowControl, schema: "io.k8s.api.flowcontrol.v1.FlowSchema",
    isNamespaced: false, subresources: ["status"])
  package static let priorityLevels = ResourceKind(
    "PriorityLevelConfiguration", plural: "prioritylevelconfigurations", in: .flowControl,
    schema: "io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration", isNamespaced: false, subresources: ["status"])

  static let flowControlKinds: [ResourceKind] = [.flowSchemas, .priorityLevels]
}
