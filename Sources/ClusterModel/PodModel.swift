package import JSONTree
package import KubernetesAPI
package import NetworkTypes

/// What the network needs of a Pod.
package struct PodModel: Hashable, Sendable {
  package var name: ObjectName
  package var uid = ""
  /// Empty until the pod is bound.
  package var nodeName = ""
  /// None for a pod that has finished: its address may belong to another by now.
  package var addresses: [IPAddress] = []
  package var labels: [String: String] = [:]
  package var usesHostNetwork = false
  package var isTerminating = false
  /// In phase Succeeded or Failed.
  package var hasFinished = false

  package init(name: ObjectName) { self.name = name }
}

extension PodModel {
  package init(object: JSON) {
    self.init(name: object.objectName)
    uid = object.uid
    nodeName = object.spec["nodeName"]?.string ?? ""
    labels = object.labels
    usesHostNetwork = object.spec["hostNetwork"]?.bool ?? false
    isTerminating = object.isTerminating
    let status = object.status
    hasFinished = ["Succeeded", "Failed"].contains(status["phase"]?.string ?? "")
    if !hasFinished {
      let texts = (status["podIPs"]?.items ?? []).compactMap { $0["ip"]?.string }
      addresses = (texts.isEmpty ? [status["podIP"]?.string].compactMap { $0 } : texts).compactMap { IPAddress($0) }
    }
  }
}
