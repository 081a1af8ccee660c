package import JSONTree

/// What a Pod's status says.
extension JSON {
  package var podPhase: String { self["status"]?["phase"]?.string ?? "" }
  package var nodeName: String { self["spec"]?["nodeName"]?.string ?? "" }
  /// Its containers have ended and will not start again.
  package var isPodFinished: Bool { podPhase == "Succeeded" || podPhase == "Failed" }
  /// Neither finished nor told to end.
  package var isPodActive: Bool { !isPodFinished && !isTerminating }
  package var isPodReady: Bool { isConditionTrue("Ready") }
  /// Since when the Ready condition is as it is.
  package var podReadySince: Timestamp? {
    condition("Ready")?["lastTransitionTime"]?.string.flatMap { Timestamp($0) }
  }

  /// Ready for at least `minReadySeconds`.
  package func isPodAvailable(minReadySeconds: Int64, at now: Timestamp) -> Bool {
    guard isPodReady else { return false }
    guard minReadySeconds > 0 else { return true }
    guard let since = podReadySince else { return false }
    return since + .seconds(minReadySeconds) <= now
  }
}
