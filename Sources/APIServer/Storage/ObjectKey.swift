import KubernetesAPI

/// The store's keys: `GROUP/RESOURCE/NAMESPACE/NAME`, without the namespace for kinds that have none. The core group is
/// written `core`.
enum ObjectKey {
  static func prefix(of kind: ResourceKind) -> String {
    // core and events.k8s.io serve the same events, so they are kept once, under the core group.
    if kind == .events { return prefix(of: .coreEvents) }
    return "\(kind.groupVersion.group.isEmpty ? "core" : kind.groupVersion.group)/\(kind.plural)/"
  }

  static func key(of kind: ResourceKind, _ name: ObjectName) -> String {
    kind.isNamespaced ? "\(prefix(of: kind))\(name.namespace)/\(name.name)" : "\(prefix(of: kind))\(name.name)"
  }
}
