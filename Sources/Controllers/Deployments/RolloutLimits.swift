import JSONTree
import KubernetesAPI

/// How many pods a Deployment may have too many or too few while it rolls out.
struct RolloutLimits {
  let replicas: Int
  let isRolling: Bool
  let maxSurge: Int
  let maxUnavailable: Int

  init(_ deployment: JSON) {
    let spec = deployment.spec
    replicas = Int(spec["replicas"]?.int ?? 1)
    let strategy = spec["strategy"]
    isRolling = strategy?["type"]?.string != "Recreate"
    guard isRolling else {
      maxSurge = 0
      maxUnavailable = 0
      return
    }
    let rolling = strategy?["rollingUpdate"]
    let scaled = { (name: String, total: Int, up: Bool) in
      let value = IntOrString(json: rolling?[name]) ?? .string("25%")
      // What is neither number nor percentage the server refuses.
      return (try? value.scaled(of: total, roundingUp: up)) ?? 0
    }
    let surge = scaled("maxSurge", replicas, true)
    let unavailable = scaled("maxUnavailable", replicas, false)
    maxSurge = surge
    // With neither, nothing could ever move.
    maxUnavailable = surge == 0 && unavailable == 0 ? 1 : min(unavailable, replicas)
  }

  /// The most pods there may be.
  var ceiling: Int { replicas + maxSurge }
  /// The fewest available ones.
  var floor: Int { replicas - maxUnavailable }

  /// The size to which the new set may grow now.
  func newSetSize(current: Int, all: Int) -> Int {
    guard isRolling else { return replicas }
    if all >= ceiling { return current }
    return current + min(ceiling - all, replicas - current)
  }
}
