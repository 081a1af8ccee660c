import JSONTree
import KubernetesAPI

/// Upstream's DefaultStorageClass and DefaultIngressClass: claims and ingresses that name no class get the default one.
enum DefaultClassAdmission {
  private static let storageMark = [
    "storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class",
  ]
  private static let ingressMark = ["ingressclass.kubernetes.io/is-default-class"]

  /// A claim that asks for the class `""` wants none.
  static func completeClaim(_ claim: inout JSON, registry: Registry) throws(APIStatus) {
    guard claim.spec["storageClassName"] == nil,
      claim.annotations["volume.beta.kubernetes.io/storage-class"] == nil,
      let name = try newestDefault(.storageClasses, storageMark, registry)
    else { return }
    claim[path: "spec", "storageClassName"] = .string(name)
  }

  static func completeIngress(_ ingress: inout JSON, registry: Registry) throws(APIStatus) {
    guard ingress.spec["ingressClassName"] == nil, ingress.annotations["kubernetes.io/ingress.class"] == nil,
      let name = try newestDefault(.ingressClasses, ingressMark, registry)
    else { return }
    ingress[path: "spec", "ingressClassName"] = .string(name)
  }

  /// Of several defaults the newest, of equally new ones the first by name.
  private static func newestDefault(
    _ kind: ResourceKind, _ marks: [String], _ registry: Registry
  ) throws(APIStatus) -> String? {
    var found: (created: String, name: String)?
    for object in try registry.cache(of: kind).view.objects {
      let tree = try object.tree()
      let annotations = tree.annotations
      guard marks.contains(where: { annotations[$0] == "true" }) else { continue }
      let created = tree.creationTimestamp ?? ""
      if let found, (found.created, tree.name) > (created, found.name) { continue }
      found = (created, tree.name)
    }
    return found?.name
  }
}
