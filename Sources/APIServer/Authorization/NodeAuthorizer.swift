import JSONTree
import KubernetesAPI

/// What a node may do: read what every node needs, write what is its own, and see the secrets, ConfigMaps and accounts of
/// its pods alone.
struct NodeAuthorizer: Sendable {
  let registry: Registry

  private static let prefix = "system:node:"
  private static let group = "system:nodes"
  private static let readable: Set<String> = [
    "services", "nodes", "namespaces", "runtimeclasses", "csidrivers", "storageclasses", "persistentvolumes",
  ]
  private static let reads: Set<String> = ["get", "list", "watch"]

  /// `nil` for everybody who is no node.
  func decide(_ action: AccessAction, by user: User) -> AuthorizationDecision? {
    guard user.name.hasPrefix(Self.prefix), user.groups.contains(Self.group) else { return nil }
    guard let resource = action.resource else { return nil }
    let node = String(user.name.dropFirst(Self.prefix.count))
    if let reason = refusal(action.verb, resource, node: node) {
      // Roles may still allow it.
      return reason.isEmpty ? nil : AuthorizationDecision(isAllowed: false, reason: reason)
    }
    return AuthorizationDecision(isAllowed: true, reason: "")
  }

  /// `nil` where it is allowed; empty where this authorizer says nothing.
  private func refusal(_ verb: String, _ resource: AccessAction.Resource, node: String) -> String? {
    let isRead = Self.reads.contains(verb)
    switch (resource.group, resource.resource) {
    case ("", "pods"): return podRefusal(verb, resource, node: node)
    case ("", "nodes"):
      if isRead || (verb == "create" && resource.subresource.isEmpty) { return nil }
      let isOwn = resource.name == node && ["update", "patch", "delete"].contains(verb)
      return isOwn ? nil : "node \(node.goQuoted) is not allowed to modify node \(resource.name.goQuoted)"
    case ("", "secrets"), ("", "configmaps"):
      return isRead ? referenceRefusal(verb, resource, node: node) : "can only read resources of this type"
    case ("", "serviceaccounts"):
      if resource.subresource == "token" {
        return verb == "create" ? referenceRefusal(verb, resource, node: node) : "can only create tokens"
      }
      return isRead ? nil : ""
    case ("", "persistentvolumeclaims"):
      return verb == "get" ? referenceRefusal(verb, resource, node: node) : ""
    case ("", "events"), ("events.k8s.io", "events"):
      return ["create", "update", "patch"].contains(verb) ? nil : ""
    case ("coordination.k8s.io", "leases"):
      guard resource.namespace == "kube-node-lease" else {
        return "can only access leases in the \"kube-node-lease\" system namespace"
      }
      if verb == "create" { return nil }
      return resource.name == node ? nil : "can only access node lease with the same name as the requesting node"
    case ("storage.k8s.io", "csinodes"):
      return resource.name == node || verb == "create"
        ? nil : "can only access CSINode with the same name as the requesting node"
    case ("authentication.k8s.io", "tokenreviews"), ("authorization.k8s.io", "subjectaccessreviews"):
      return verb == "create" ? nil : ""
    default:
      return isRead && Self.readable.contains(resource.resource) ? nil : ""
    }
  }

  /// Lists and watches are narrowed to the node; a single pod must be bound to it.
  private func podRefusal(_ verb: String, _ resource: AccessAction.Resource, node: String) -> String? {
    switch (verb, resource.subresource) {
    case ("list", ""), ("watch", ""):
      return resource.fieldSelector == "spec.nodeName=\(node)"
        ? nil : "can only list/watch pods with spec.nodeName field selector"
    case ("get", ""), ("delete", ""), ("update", "status"), ("patch", "status"), ("create", "eviction"):
      let name = ObjectName(namespace: resource.namespace, name: resource.name)
      guard let pod = (try? registry.object(.pods, name)) ?? nil, pod.fields["spec.nodeName"] == node else {
        return "no relationship found between node '\(node)' and this object"
      }
      return nil
    default: return ""
    }
  }

  /// Whether a pod of this node names the object.
  private func referenceRefusal(_ verb: String, _ resource: AccessAction.Resource, node: String) -> String? {
    guard !resource.name.isEmpty else {
      // A list or watch of one name is as good as reading it; of all there may be no reason.
      return "No Object name found"
    }
    guard let cache = try? registry.cache(of: .pods) else { return "" }
    let pods = ResourceREST.range(of: cache.view.objects, Selection(namespace: resource.namespace), kind: .pods)
    for pod in pods where pod.fields["spec.nodeName"] == node {
      guard let tree = try? pod.tree() else { continue }
      if PodReferences(tree).contains(resource.resource, resource.name) { return nil }
    }
    return "no relationship found between node '\(node)' and this object"
  }
}

/// The objects a pod needs, by their names.
struct PodReferences: Sendable {
  private var names: [String: Set<String>] = [:]

  init(_ pod: JSON) {
    let spec = pod.spec
    add("serviceaccounts", spec["serviceAccountName"])
    for secret in spec["imagePullSecrets"]?.items ?? [] { add("secrets", secret["name"]) }
    for list in ["initContainers", "containers", "ephemeralContainers"] {
      for container in spec[list]?.items ?? [] {
        for source in container["envFrom"]?.items ?? [] {
          add("secrets", source[path: "secretRef", "name"])
          add("configmaps", source[path: "configMapRef", "name"])
        }
        for variable in container["env"]?.items ?? [] {
          add("secrets", variable[path: "valueFrom", "secretKeyRef", "name"])
          add("configmaps", variable[path: "valueFrom", "configMapKeyRef", "name"])
        }
      }
    }
    for volume in spec["volumes"]?.items ?? [] {
      add("secrets", volume[path: "secret", "secretName"])
      add("configmaps", volume[path: "configMap", "name"])
      add("persistentvolumeclaims", volume[path: "persistentVolumeClaim", "claimName"])
      for source in volume[path: "projected", "sources"]?.items ?? [] {
        add("secrets", source[path: "secret", "name"])
        add("configmaps", source[path: "configMap", "name"])
      }
    }
  }

  private mutating func add(_ resource: String, _ name: JSON?) {
    if let name = name?.string, !name.isEmpty { names[resource, default: []].insert(name) }
  }

  func contains(_ resource: String, _ name: String) -> Bool { names[resource]?.contains(name) ?? false }
}
