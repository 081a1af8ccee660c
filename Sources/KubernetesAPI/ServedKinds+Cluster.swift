extension GroupVersion {
  package static let networking = GroupVersion(group: "networking.k8s.io", version: "v1")
  package static let node = GroupVersion(group: "node.k8s.io", version: "v1")
  package static let storage = GroupVersion(group: "storage.k8s.io", version: "v1")
  package static let rbac = GroupVersion(group: "rbac.authorization.k8s.io", version: "v1")
  package static let authorization = GroupVersion(group: "authorization.k8s.io", version: "v1")
}

/// Networks, storage and access.
extension ResourceKind {
  package static let persistentVolumes = ResourceKind(
    "PersistentVolume", plural: "persistentvolumes", in: .core, schema: "io.k8s.api.core.v1.PersistentVolume",
    shortNames: ["pv"], isNamespaced: false, subresources: ["status"])
  package static let persistentVolumeClaims = ResourceKind(
    "PersistentVolumeClaim", plural: "persistentvolumeclaims", in: .core,
    schema: "io.k8s.api.core.v1.PersistentVolumeClaim", shortNames: ["pvc"], subresources: ["status"])
  package static let ingresses = ResourceKind(
    "Ingress", plural: "ingresses", in: .networking, schema: "io.k8s.api.networking.v1.Ingress", shortNames: ["ing"],
    subresources: ["status"])
  package static let ingressClasses = ResourceKind(
    "IngressClass", plural: "ingressclasses", in: .networking, schema: "io.k8s.api.networking.v1.IngressClass",
    isNamespaced: false)
  package static let networkPolicies = ResourceKind(
    "NetworkPolicy", plural: "networkpolicies", in: .networking, schema: "io.k8s.api.networking.v1.NetworkPolicy",
    shortNames: ["netpol"])
  package static let ipAddresses = ResourceKind(
    "IPAddress", plural: "ipaddresses", in: .networking, schema: "io.k8s.api.networking.v1.IPAddress",
    shortNames: ["ip"], isNamespaced: false)
  package static let serviceCIDRs = ResourceKind(
    "ServiceCIDR", plural: "servicecidrs", in: .networking, schema: "io.k8s.api.networking.v1.ServiceCIDR",
    isNamespaced: false, subresources: ["status"])
  package static let runtimeClasses = ResourceKind(
    "RuntimeClass", plural: "runtimeclasses", in: .node, schema: "io.k8s.api.node.v1.RuntimeClass",
    isNamespaced: false)
  package static let storageClasses = ResourceKind(
    "StorageClass", plural: "storageclasses", in: .storage, schema: "io.k8s.api.storage.v1.StorageClass",
    shortNames: ["sc"], isNamespaced: false)
  package static let volumeAttachments = ResourceKind(
    "VolumeAttachment", plural: "volumeattachments", in: .storage, schema: "io.k8s.api.storage.v1.VolumeAttachment",
    isNamespaced: false, subresources: ["status"])
  package static let csiDrivers = ResourceKind(
    "CSIDriver", plural: "csidrivers", in: .storage, schema: "io.k8s.api.storage.v1.CSIDriver", isNamespaced: false)
  package static let csiNodes = ResourceKind(
    "CSINode", plural: "csinodes", in: .storage, schema: "io.k8s.api.storage.v1.CSINode", isNamespaced: false)
  package static let csiStorageCapacities = ResourceKind(
    "CSIStorageCapacity", plural: "csistoragecapacities", in: .storage,
    schema: "io.k8s.api.storage.v1.CSIStorageCapacity")
  package static let volumeAttributesClasses = ResourceKind(
    "VolumeAttributesClass", plural: "volumeattributesclasses", in: .storage,
    schema: "io.k8s.api.storage.v1.VolumeAttributesClass", shortNames: ["vac"], isNamespaced: false)
  package static let roles = ResourceKind(
    "Role", plural: "roles", in: .rbac, schema: "io.k8s.api.rbac.v1.Role")
  package static let roleBindings = ResourceKind(
    "RoleBinding", plural: "rolebindings", in: .rbac, schema: "io.k8s.api.rbac.v1.RoleBinding")
  package static let clusterRoles = ResourceKind(
    "ClusterRole", plural: "clusterroles", in: .rbac, schema: "io.k8s.api.rbac.v1.ClusterRole", isNamespaced: false)
  package static let clusterRoleBindings = ResourceKind(
    "ClusterRoleBinding", plural: "clusterrolebindings", in: .rbac, schema: "io.k8s.api.rbac.v1.ClusterRoleBinding",
    isNamespaced: false)

  static let furtherClusterKinds: [ResourceKind] = [
    .persistentVolumes, .persistentVolumeClaims, .ingresses, .ingressClasses, .networkPolicies, .ipAddresses,
    .serviceCIDRs, .runtimeClasses, .storageClasses, .volumeAttachments, .csiDrivers, .csiNodes,
    .csiStorageCapacities, .volumeAttributesClasses, .roles, .roleBindings, .clusterRoles, .clusterRoleBindings,
  ]
}
