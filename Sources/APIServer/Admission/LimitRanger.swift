import JSONTree
import KubernetesAPI

/// Keeps objects within the limit ranges of their namespace, and fills in what containers leave open.
struct LimitRanger: Sendable {
  let registry: Registry

  private func items(in namespace: String) throws(APIStatus) -> [JSON] {
    let objects = ResourceREST.range(
      of: try registry.cache(of: .limitRanges).view.objects, Selection(namespace: namespace), kind: .limitRanges)
    var items: [JSON] = []
    for object in objects { items += try object.tree().spec["limits"]?.items ?? [] }
    return items
  }

  // MARK: Completion

  func complete(_ pod: inout JSON) throws(APIStatus) {
    let items = try items(in: pod.namespace).filter { $0["type"] == "Container" }
    if items.isEmpty { return }
    var notes: [String] = []
    for list in ["containers", "initContainers"] {
      guard var containers = pod.spec[list]?.array else { continue }
      let word = list == "containers" ? "container" : "init container"
      for index in containers.indices {
        let name = containers[index]["name"]?.string ?? ""
        for (side, defaults, label) in [("requests", "defaultRequest", "request"), ("limits", "default", "limit")] {
          var filled: [String] = []
          for item in items {
            for member in item[defaults]?.object?.members ?? []
            where containers[index][path: "resources", side, member.key] == nil {
              containers[index][path: "resources", side, member.key] = member.value
              filled.append(member.key)
            }
          }
          if !filled.isEmpty { notes.append("\(filled.sorted().joined(separator: ", ")) \(label) for \(word) \(name)") }
        }
      }
      pod[path: "spec", list] = .array(containers)
    }
    guard !notes.isEmpty else { return }
    pod[path: "metadata", "annotations", "kubernetes.io/limit-ranger"] = .string(
      "LimitRanger plugin set: \(notes.joined(separator: "; "))")
  }

  // MARK: Judgement

  func judgePod(_ pod: JSON) throws(APIStatus) {
    var faults: [String] = []
    for item in try items(in: pod.namespace) {
      switch item["type"]?.string {
      case "Container":
        for list in ["containers", "initContainers"] {
          for container in pod.spec[list]?.items ?? [] {
            faults += Self.faults(
              item, "Container", requests: PodResources.amounts(container, "requests"),
              limits: PodResources.amounts(container, "limits"))
          }
        }
      case "Pod":
        let resources = PodResources(pod)
        faults += Self.faults(item, "Pod", requests: resources.requests, limits: resources.limits)
      default: break
      }
    }
    try Self.refuse(faults, .pods, pod.name)
  }

  func judgeClaim(_ claim: JSON) throws(APIStatus) {
    let requests = PodResources.amounts(["resources": claim.spec["resources"] ?? [:]], "requests")
    var faults: [String] = []
    for item in try items(in: claim.namespace) where item["type"] == "PersistentVolumeClaim" {
      faults += Self.bounds(item["min"], "PersistentVolumeClaim", word: "minimum", requests, nil)
      faults += Self.bounds(item["max"], "PersistentVolumeClaim", word: "maximum", requests, nil)
    }
    try Self.refuse(faults, .persistentVolumeClaims, claim.name)
  }

  private static func refuse(_ faults: [String], _ kind: ResourceKind, _ name: String) throws(APIStatus) {
    var seen: Set<String> = []
    let unique = faults.filter { seen.insert($0).inserted }
    if unique.isEmpty { return }
    throw .forbidden(kind, name, unique.count == 1 ? unique[0] : "[\(unique.joined(separator: ", "))]")
  }

  private static func faults(
    _ item: JSON, _ type: String, requests: ResourceAmounts, limits: ResourceAmounts
  ) -> [String] {
    bounds(item["min"], type, word: "minimum", requests, limits)
      + bounds(item["max"], type, word: "maximum", requests, limits)
      + ratios(item["maxLimitRequestRatio"], type, requests, limits)
  }

  /// - Parameter limits: `nil` where the object has requests alone.
  private static func bounds(
    _ bounds: JSON?, _ type: String, word: String, _ requests: ResourceAmounts, _ limits: ResourceAmounts?
  ) -> [String] {
    var faults: [String] = []
    for member in bounds?.object?.members ?? [] {
      guard let bound = try? Quantity(json: member.value) else { continue }
      let text = "\(word) \(member.key) usage per \(type) is \(bound)"
      let isLow = word == "minimum"
      func breaks(_ amount: Quantity) -> Bool { isLow ? amount < bound : amount > bound }
      let (request, limit) = (requests[member.key], limits?[member.key])
      if isLow || limits == nil {
        if request == nil { faults.append("\(text).  No request is specified") }
      } else if limit == nil {
        faults.append("\(text).  No limit is specified")
      }
      if let request, breaks(request) {
        faults.append("\(text), but request is \(request)")
      } else if let limit, breaks(limit) {
        faults.append("\(text), but limit is \(limit)")
      }
    }
    return faults
  }

  private static func ratios(
    _ ratios: JSON?, _ type: String, _ requests: ResourceAmounts, _ limits: ResourceAmounts
  ) -> [String] {
    var faults: [String] = []
    for member in ratios?.object?.members ?? [] {
      guard let most = try? Quantity(json: member.value) else { continue }
      let text = "\(member.key) max limit to request ratio per \(type) is \(most)"
      guard let request = requests[member.key], !request.isZero else {
        faults.append("\(text), but no request is specified or request is 0")
        continue
      }
      guard let limit = limits[member.key], !limit.isZero else {
        faults.append("\(text), but no limit is specified or limit is 0")
        continue
      }
      let ratio = Double(limit.nanos) / Double(request.nanos)
      guard ratio > Double(most.nanos) / 1e9 else { continue }
      let millionths = Int64((ratio * 1e6).rounded())
      let fraction = String(millionths % 1_000_000)
      faults.append(
        "\(text), but provided ratio is \(millionths / 1_000_000)."
          + String(repeating: "0", count: 6 - fraction.count) + fraction)
    }
    return faults
  }
}
