import JSONTree
import KubernetesAPI
import NetworkTypes

/// What is to become of a range that Services get their addresses from.
enum ServiceRangePlan: Equatable {
  static let finalizer = "networking.k8s.io/service-cidr-finalizer"
  private static let blocked =
    "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR"

  /// It is as it should be.
  case settled
  /// It gets the finalizer that keeps it while its addresses are used.
  case protect(JSON)
  /// Its status says what it should.
  case tell(JSON)
  /// Nothing holds it any more. It goes when nobody can be at taking an address from it.
  case release(JSON)

  /// - Parameters:
  ///   - others: All further ranges.
  ///   - addresses: Those that Services have, by their IPAddress objects.
  init(_ range: JSON, others: [JSON], addresses: some Sequence<IPAddress>, now: Timestamp) {
    let finalizers = range.finalizers
    if range.isTerminating {
      guard finalizers.contains(Self.finalizer) else {
        self = .settled
        return
      }
      if Self.isDispensable(range, others: others, addresses: addresses) {
        self = .release(Self.with(finalizers.filter { $0 != Self.finalizer }, range))
      } else {
        self = Self.told(range, isReady: false, reason: "Terminating", message: Self.blocked, now)
      }
      return
    }
    guard finalizers.contains(Self.finalizer) else {
      self = .protect(Self.with(finalizers + [Self.finalizer], range))
      return
    }
    self = Self.told(range, isReady: true, reason: "", message: "Kubernetes Service CIDR is ready", now)
  }

  static func blocks(of range: JSON) -> [CIDR] {
    (range.spec["cidrs"]?.items ?? []).compactMap { $0.string.flatMap { CIDR($0) } }
  }

  private static func with(_ finalizers: [String], _ range: JSON) -> JSON {
    var range = range
    range[path: "metadata", "finalizers"] = finalizers.isEmpty ? nil : .array(finalizers.map { .string($0) })
    return range
  }

  /// A condition that says the same of whether it is ready stays in the words of whoever wrote it.
  private static func told(
    _ range: JSON, isReady: Bool, reason: String, message: String, _ now: Timestamp
  ) -> ServiceRangePlan {
    if range.condition("Ready")?["status"] == .string(isReady ? "True" : "False") { return .settled }
    var told = range
    told.removeCondition("Ready")
    var conditions = told.status["conditions"]?.items ?? []
    conditions.append([
      "type": "Ready", "status": .string(isReady ? "True" : "False"), "reason": .string(reason),
      "message": .string(message), "lastTransitionTime": .string(now.description),
    ])
    told[path: "status", "conditions"] = .array(conditions)
    return .tell(told)
  }

  /// Whether every address of the range is another one's too, or nobody's.
  private static func isDispensable(
    _ range: JSON, others: [JSON], addresses: some Sequence<IPAddress>
  ) -> Bool {
    let own = blocks(of: range)
    let further = others.flatMap(blocks)
    if own.allSatisfy({ block in further.contains { $0.contains(block) } }) { return true }
    return !addresses.contains { address in
      own.contains { $0.contains(address) } && !further.contains { $0.contains(address) }
    }
  }
}
