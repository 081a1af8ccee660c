import JSONTree
import KubernetesAPI

/// The parts of a pod that only a subresource changes.
enum PodParts {
  /// What else was sent to the subresource is left aside.
  static func keepAllBut(_ subresource: String, _ object: inout JSON, of old: JSON) {
    var kept = old
    kept[path: "metadata", "managedFields"] = object[path: "metadata", "managedFields"]
    switch subresource {
    case "ephemeralcontainers":
      kept[path: "spec", "ephemeralContainers"] = object[path: "spec", "ephemeralContainers"]
    case "resize":
      for list in ["containers", "initContainers"] {
        let (before, after) = (old.spec[list]?.items ?? [], object.spec[list]?.items ?? [])
        // Containers that come, go or change their places are for validation to refuse.
        if before.map({ $0["name"] }) != after.map({ $0["name"] }) {
          kept[path: "spec", list] = object.spec[list]
        } else if !before.isEmpty {
          kept[path: "spec", list] = .array(zip(before, after).map(resized))
        }
      }
    default: return
    }
    object = kept
  }

  private static func resized(_ before: JSON, _ after: JSON) -> JSON {
    var container = before
    for member in ["resources", "resizePolicy"] { container[member] = after[member] }
    return container
  }
}
