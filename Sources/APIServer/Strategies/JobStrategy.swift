import JSONTree
import KubernetesAPI

/// Jobs know their pods by the job's own identity, unless the user chose a selector.
struct JobStrategy: ResourceStrategy {
  private static let identity = "batch.kubernetes.io/controller-uid"
  private static let name = "batch.kubernetes.io/job-name"

  var tracksGeneration: Bool { true }

  func prepareForCreate(_ object: inout JSON, _ context: StrategyContext) throws(APIStatus) {
    guard object.spec["manualSelector"] != true else { return }
    let (uid, name) = (JSON.string(object.uid), JSON.string(object.name))
    var labels = object.spec[path: "template", "metadata", "labels"] ?? [:]
    // The second of each pair is the name from before the labels had a domain.
    for (key, value) in [(Self.identity, uid), ("controller-uid", uid), (Self.name, name), ("job-name", name)]
    where labels[key] == nil {
      labels[key] = value
    }
    object[path: "spec", "template", "metadata", "labels"] = labels
    if object.spec["selector"] == nil { object[path: "spec", "selector"] = [:] }
    object[path: "spec", "selector", "matchLabels", Self.identity] = uid
  }
}
