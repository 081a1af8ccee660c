import JSONTree
import KubernetesAPI

/// Which objects a quota counts.
struct QuotaScopes: Sendable {
  /// What scopes ask of an object.
  struct Facts: Sendable {
    var isPod = true
    var isTerminating = false
    var isBestEffort = false
    var priorityClass = ""
    var reachesOtherNamespaces = false
    /// The classes that a volume has, is to have, or is getting.
    var attributesClasses: Set<String> = []

    init(pod: JSON) {
      isTerminating = pod.spec["activeDeadlineSeconds"] != nil
      isBestEffort = QualityOfService(pod: pod) == .bestEffort
      priorityClass = pod.spec["priorityClassName"]?.string ?? ""
      reachesOtherNamespaces = Self.reachesOthers(pod.spec["affinity"])
    }

    init(claim: JSON) {
      isPod = false
      let names = [
        claim.spec["volumeAttributesClassName"], claim.status["currentVolumeAttributesClassName"],
        claim.status["modifyVolumeStatus"]?["targetVolumeAttributesClassName"],
      ]
      attributesClasses = Set(names.compactMap { $0?.string }.filter { !$0.isEmpty })
    }

    private static func reachesOthers(_ affinity: JSON?) -> Bool {
      for side in ["podAffinity", "podAntiAffinity"] {
        let required = affinity?[side]?["requiredDuringSchedulingIgnoredDuringExecution"]?.items ?? []
        let preferred = (affinity?[side]?["preferredDuringSchedulingIgnoredDuringExecution"]?.items ?? []).compactMap {
          $0["podAffinityTerm"]
        }
        for term in required + preferred
        where term["namespaceSelector"] != nil || term["namespaces"]?.items.isEmpty == false {
          return true
        }
      }
      return false
    }
  }

  private struct Term: Sendable {
    let scope: String
    let operation: String
    let values: [String]
  }

  private let terms: [Term]

  init(_ quota: JSON) {
    let plain = (quota.spec["scopes"]?.items ?? []).compactMap(\.string).map {
      Term(scope: $0, operation: "Exists", values: [])
    }
    let chosen = (quota.spec[path: "scopeSelector", "matchExpressions"]?.items ?? []).map {
      Term(
        scope: $0["scopeName"]?.string ?? "", operation: $0["operator"]?.string ?? "",
        values: ($0["values"]?.items ?? []).compactMap(\.string))
    }
    terms = plain + chosen
  }

  func contain(_ usage: ResourceUsage) -> Bool {
    if terms.isEmpty { return true }
    guard let facts = usage.facts else { return false }
    return terms.allSatisfy { Self.holds($0, facts) }
  }

  private static func holds(_ term: Term, _ facts: Facts) -> Bool {
    guard term.scope == "VolumeAttributesClass" || facts.isPod else { return false }
    switch term.scope {
    case "Terminating": return facts.isTerminating
    case "NotTerminating": return !facts.isTerminating
    case "BestEffort": return facts.isBestEffort
    case "NotBestEffort": return !facts.isBestEffort
    case "CrossNamespacePodAffinity": return facts.reachesOtherNamespaces
    case "PriorityClass": return named(term, facts.priorityClass)
    case "VolumeAttributesClass": return !facts.isPod && anyNamed(term, facts.attributesClasses)
    default: return false
    }
  }

  /// As upstream: of several names one has to fit, and where there is none it is the empty one.
  private static func anyNamed(_ term: Term, _ names: Set<String>) -> Bool {
    names.isEmpty ? named(term, "") : names.contains { named(term, $0) }
  }

  private static func named(_ term: Term, _ name: String) -> Bool {
    switch term.operation {
    case "In": term.values.contains(name)
    case "NotIn": !term.values.contains(name)
    case "DoesNotExist": name.isEmpty
    default: !name.isEmpty
    }
  }
}
