extension GroupVersion {
  package static let core = GroupVersion(version: "v1")
  package static let apps = GroupVersion(group: "apps", version: "v1")
  package static let discovery = GroupVersion(group: "discovery.k8s.io", version: "v1")
  package static let coordination = GroupVersion(group: "coordination.k8s.io", version: "v1")
  package static let events = GroupVersion(group: "events.k8s.io", version: "v1")
  package static let autoscaling = GroupVersion(group: "autoscaling", version: "v1")
  package static let authentication = GroupVersion(group: "authentication.k8s.io", version: "v1")
}

extension ResourceKind {
  /// Made when it is asked for, and never stored.
  package static let componentStatuses = ResourceKind(
    "ComponentStatus", plural: "componentstatuses", in: .core, schema: "io.k8s.api.core.v1.ComponentStatus",
    shortNames: ["cs"], isNamespaced: false)
  package static let namespaces = ResourceKind(
    "Namespace", plural: "namespaces", in: .core, schema: "io.k8s.api.core.v1.Namespace", shortNames: ["ns"],
    isNamespaced: false, subresources: ["status", "finalize"])
  package static let nodes = ResourceKind(
    "Node", plural: "nodes", in: .core, schema: "io.k8s.api.core.v1.Node", shortNames: ["no"],
    isNamespaced: false, subresources: ["status", "proxy"])
  package static let pods = ResourceKind(
    "Pod", plural: "pods", in: .core, schema: "io.k8s.api.core.v1.Pod", shortNames: ["po"], categories: ["all"],
    subresources: [
      "status", "binding", "ephemeralcontainers", "eviction", "log", "exec", "attach", "portforward", "proxy", "resize",
    ])
  package static let services = ResourceKind(
    "Service", plural: "services", in: .core, schema: "io.k8s.api.core.v1.Service", shortNames: ["svc"],
    categories: ["all"], subresources: ["status", "proxy"])
  package static let endpoints = ResourceKind(
    "Endpoints", plural: "endpoints", in: .core, schema: "io.k8s.api.core.v1.Endpoints", shortNames: ["ep"])
  package static let configMaps = ResourceKind(
    "ConfigMap", plural: "configmaps", in: .core, schema: "io.k8s.api.core.v1.ConfigMap", shortNames: ["cm"])
  package static let secrets = ResourceKind(
    "Secret", plural: "secrets", in: .core, schema: "io.k8s.api.core.v1.Secret")
  package static let serviceAccounts = ResourceKind(
    "ServiceAccount", plural: "serviceaccounts", in: .core, schema: "io.k8s.api.core.v1.ServiceAccount",
    shortNames: ["sa"], subresources: ["token"])
  package static let coreEvents = ResourceKind(
    "Event", plural: "events", in: .core, schema: "io.k8s.api.core.v1.Event", shortNames: ["ev"])
  package static let events = ResourceKind(
    "Event", plural: "events", in: .events, schema: "io.k8s.api.events.v1.Event", shortNames: ["ev"])
  package static let endpointSlices = ResourceKind(
    "EndpointSlice", plural: "endpointslices", in: .discovery, schema: "io.k8s.api.discovery.v1.EndpointSlice")
  package static let leases = ResourceKind(
    "Lease", plural: "leases", in: .coordination, schema: "io.k8s.api.coordination.v1.Lease")
  package static let deployments = ResourceKind(
    "Deployment", plural: "deployments", in: .apps, schema: "io.k8s.api.apps.v1.Deployment",
    shortNames: ["deploy"], categories: ["all"], subresources: ["status", "scale"])
  package static let replicaSets = ResourceKind(
    "ReplicaSet", plural: "replicasets", in: .apps, schema: "io.k8s.api.apps.v1.ReplicaSet", shortNames: ["rs"],
    categories: ["all"], subresources: ["status", "scale"])

  /// Every kind that is stored and served, in the order discovery lists them.
  package static let served: [ResourceKind] =
    [
      .namespaces, .nodes, .pods, .services, .endpoints, .configMaps, .secrets, .serviceAccounts, .coreEvents,
      .deployments, .replicaSets, .leases, .endpointSlices, .events,
    ] + furtherWorkloads + furtherClusterKinds + flowControlKinds

  /// The served kind of an object, from its `apiVersion` and `kind`.
  package static func served(apiVersion: String, kind: String) -> ResourceKind? {
    served.first { $0.apiVersion == apiVersion && $0.kind == kind }
  }
}
