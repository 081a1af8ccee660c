import JSONTree
import KubernetesAPI

/// The annotations by which Deployments and their sets keep revisions and sizes.
enum RolloutAnnotations {
  static let revision = "deployment.kubernetes.io/revision"
  static let revisionHistory = "deployment.kubernetes.io/revision-history"
  static let desiredReplicas = "deployment.kubernetes.io/desired-replicas"
  static let maxReplicas = "deployment.kubernetes.io/max-replicas"
  private static let notCopied: Set<String> = [
    "kubectl.kubernetes.io/last-applied-configuration", revision, revisionHistory, desiredReplicas, maxReplicas,
    "deprecated.deployment.rollback.to",
  ]

  static func revision(of object: JSON) -> Int { object.annotations[revision].flatMap { Int($0) } ?? 0 }

  /// `set` with the Deployment's annotations (the change cause among them) and its revision, which never falls; a set
  /// that becomes current again keeps the revisions it had in its history.
  static func stamped(_ set: JSON, from deployment: JSON, revision new: Int) -> JSON {
    var set = set
    for (key, value) in deployment.annotations.sorted(by: { $0.key < $1.key }) where !notCopied.contains(key) {
      set[path: "metadata", "annotations", key] = .string(value)
    }
    let old = revision(of: set)
    guard old < new else { return set }
    set[path: "metadata", "annotations", revision] = .string(String(new))
    if old > 0 {
      let history = (set.annotations[revisionHistory] ?? "").split(separator: ",").map(String.init)
      let entries = history + [String(old)]
      set[path: "metadata", "annotations", revisionHistory] = .string(entries.joined(separator: ","))
    }
    return set
  }

  /// `set` with the sizes that proportional scaling compares with later.
  static func sized(_ set: JSON, _ limits: RolloutLimits) -> JSON {
    var set = set
    set[path: "metadata", "annotations", desiredReplicas] = .string(String(limits.replicas))
    set[path: "metadata", "annotations", maxReplicas] = .string(String(limits.ceiling))
    return set
  }
}
