import JSONTree
import KubernetesAPI

/// What is left of one kind in a namespace that is being deleted.
struct NamespaceRemainder {
  struct Condition: Equatable {
    let type: String
    let isTrue: Bool
    let reason: String
    let message: String
  }

  let kind: ResourceKind
  let objects: [JSON]

  /// The conditions by which a namespace says what holds it, in upstream's words.
  static func conditions(_ remaining: [NamespaceRemainder], failures: [String]) -> [Condition] {
    let content = remaining.map { "\($0.kind.qualifiedResource). has \($0.objects.count) resource instances" }
    var finalizers: [String: Int] = [:]
    for object in remaining.flatMap(\.objects) {
      for finalizer in object.finalizers { finalizers[finalizer, default: 0] += 1 }
    }
    let held = finalizers.sorted { $0.key < $1.key }.map { "\($0.key) in \($0.value) resource instances" }
    return [
      Condition(
        type: "NamespaceDeletionDiscoveryFailure", isTrue: false, reason: "ResourcesDiscovered",
        message: "All resources successfully discovered"),
      Condition(
        type: "NamespaceDeletionGroupVersionParsingFailure", isTrue: false, reason: "ParsedGroupVersions",
        message: "All legacy kube types successfully parsed"),
      Condition(
        type: "NamespaceDeletionContentFailure", isTrue: !failures.isEmpty,
        reason: failures.isEmpty ? "ContentDeleted" : "ContentDeletionFailed",
        message: failures.isEmpty
          ? "All content successfully deleted, may be waiting on finalization"
          : "Failed to delete all resource types, \(failures.count) remaining: "
            + failures.joined(separator: ", ")),
      Condition(
        type: "NamespaceContentRemaining", isTrue: !content.isEmpty,
        reason: content.isEmpty ? "ContentRemoved" : "SomeResourcesRemain",
        message: content.isEmpty
          ? "All content successfully removed"
          : "Some resources are remaining: " + content.joined(separator: ", ")),
      Condition(
        type: "NamespaceFinalizersRemaining", isTrue: !held.isEmpty,
        reason: held.isEmpty ? "ContentHasNoFinalizers" : "SomeFinalizersRemain",
        message: held.isEmpty
          ? "All content-preserving finalizers finished"
          : "Some content in the namespace has finalizers remaining: " + held.joined(separator: ", ")),
    ]
  }
}
