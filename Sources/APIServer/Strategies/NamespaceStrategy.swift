import JSONTree
import KubernetesAPI

/// Namespaces carry their name as a label and stay until the namespace controller has emptied them.
struct NamespaceStrategy: ResourceStrategy {
  private static let nameLabel = "kubernetes.io/metadata.name"
  private static let finalizer: JSON = "kubernetes"

  func prepareForCreate(_ object: inout JSON, _ context: StrategyContext) throws(APIStatus) {
    setNameLabel(&object)
    var finalizers = object[path: "spec", "finalizers"]?.items ?? []
    if !finalizers.contains(Self.finalizer) { finalizers.append(Self.finalizer) }
    object[path: "spec", "finalizers"] = .array(finalizers)
    object["status"] = ["phase": "Active"]
  }

  func prepareForUpdate(_ object: inout JSON, from old: JSON, _ context: StrategyContext) throws(APIStatus) {
    setNameLabel(&object)
    // Whoever has emptied a namespace takes its finalizer away through the subresource for that, and nowhere else.
    if context.subresource != "finalize" { object["spec"] = old["spec"] }
    object["status"] = old["status"]
  }

  func prepareForStatusUpdate(_ object: inout JSON, from old: JSON) throws(APIStatus) { setNameLabel(&object) }

  func markTerminating(_ object: inout JSON) {
    object[path: "status", "phase"] = "Terminating"
  }

  func isHeld(_ object: JSON) -> Bool { !(object[path: "spec", "finalizers"]?.items ?? []).isEmpty }

  private func setNameLabel(_ object: inout JSON) {
    var labels = object["metadata"]?["labels"] ?? [:]
    labels[Self.nameLabel] = .string(object.name)
    object[path: "metadata", "labels"] = labels
  }
}
