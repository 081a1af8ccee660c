import JSONTree

/// HorizontalPodAutoscalers of autoscaling/v1, which knows processors alone: what v2 has beyond stands in annotations.
enum AutoscalerConversion {
  private static let prefix = "autoscaling.alpha.kubernetes.io/"

  @Sendable static func toFirst(_ second: JSON) -> JSON {
    var first = second
    first["apiVersion"] = "autoscaling/v1"
    let spec = second.spec
    var kept: JSON = [:]
    for member in ["scaleTargetRef", "minReplicas", "maxReplicas"] { kept[member] = spec[member] }
    let (percent, metrics) = split(spec["metrics"]?.items ?? [], "target")
    if let percent { kept["targetCPUUtilizationPercentage"] = percent }
    first["spec"] = kept
    annotate(&first, "metrics", metrics.map { oldForm($0, isStatus: false) })
    if let behavior = spec["behavior"] { annotate(&first, "behavior", behavior) }
    guard let status = second["status"] else { return first }
    kept = [:]
    for member in ["observedGeneration", "lastScaleTime", "currentReplicas", "desiredReplicas"] {
      kept[member] = status[member]
    }
    if kept["currentReplicas"] == nil { kept["currentReplicas"] = 0 }
    let (current, others) = split(status["currentMetrics"]?.items ?? [], "current")
    if let current { kept["currentCPUUtilizationPercentage"] = current }
    first["status"] = kept
    annotate(&first, "current-metrics", others.map { oldForm($0, isStatus: true) })
    annotate(&first, "conditions", status["conditions"]?.items ?? [])
    return first
  }

  @Sendable static func toSecond(_ first: JSON) -> JSON {
    var second = first
    second["apiVersion"] = "autoscaling/v2"
    var spec = first.spec
    spec["targetCPUUtilizationPercentage"] = nil
    var metrics = (take(&second, "metrics")?.items ?? []).map { newForm($0, isStatus: false) }
    if let percent = first.spec["targetCPUUtilizationPercentage"] {
      metrics.insert(processor("target", percent, type: true), at: 0)
    }
    if !metrics.isEmpty { spec["metrics"] = .array(metrics) }
    spec["behavior"] = take(&second, "behavior")
    if first["spec"] != nil { second["spec"] = spec }
    let current = (take(&second, "current-metrics")?.items ?? []).map { newForm($0, isStatus: true) }
    let conditions = take(&second, "conditions")
    guard var status = first["status"] else { return second }
    let percent = status["currentCPUUtilizationPercentage"]
    status["currentCPUUtilizationPercentage"] = nil
    let all = (percent.map { [processor("current", $0, type: false)] } ?? []) + current
    if !all.isEmpty { status["currentMetrics"] = .array(all) }
    status["conditions"] = conditions
    second["status"] = status
    return second
  }

  /// The processors' utilization, and what else is measured.
  private static func split(_ metrics: [JSON], _ side: String) -> (percent: JSON?, rest: [JSON]) {
    func percent(_ metric: JSON) -> JSON? {
      guard metric["type"] == "Resource", metric[path: "resource", "name"] == "cpu" else { return nil }
      return metric[path: "resource", side, "averageUtilization"]
    }
    guard let index = metrics.firstIndex(where: { percent($0) != nil }) else { return (nil, metrics) }
    var rest = metrics
    return (percent(rest.remove(at: index)), rest)
  }

  private static func processor(_ side: String, _ percent: JSON, type: Bool) -> JSON {
    var metric: JSON = ["type": "Resource", "resource": ["name": "cpu", .init(side): ["averageUtilization": percent]]]
    if type { metric[path: "resource", side, "type"] = "Utilization" }
    return metric
  }

  // MARK: Annotations

  private static func annotate(_ object: inout JSON, _ name: String, _ items: [JSON]) {
    if !items.isEmpty { annotate(&object, name, .array(items)) }
  }

  private static func annotate(_ object: inout JSON, _ name: String, _ value: JSON) {
    object[path: "metadata", "annotations", prefix + name] = .string(value.description)
  }

  private static func take(_ object: inout JSON, _ name: String) -> JSON? {
    guard let text = object.annotations[prefix + name] else { return nil }
    object[path: "metadata", "annotations", prefix + name] = nil
    if object["metadata"]?["annotations"] == [:] { object[path: "metadata", "annotations"] = nil }
    return try? JSON.parse(text)
  }

  // MARK: The form of metrics in annotations

  /// Where each part of a metric stands: `nil` where a kind of metric has no such part.
  private struct Form {
    let member: String
    var name: String?
    var selector: String?
    var object: String?
    var value: String?
    var averageValue: String?
    var utilization: String?
  }

  private static func form(_ type: String, isStatus: Bool) -> Form? {
    let side = isStatus ? "current" : "target"
    switch type {
    case "Resource", "ContainerResource":
      return Form(
        member: type == "Resource" ? "resource" : "containerResource", averageValue: "\(side)AverageValue",
        utilization: "\(side)AverageUtilization")
    case "Pods":
      return Form(member: "pods", name: "metricName", selector: "selector", averageValue: "\(side)AverageValue")
    case "Object":
      return Form(
        member: "object", name: "metricName", selector: "selector", object: "target", value: "\(side)Value",
        averageValue: "averageValue")
    case "External":
      return Form(
        member: "external", name: "metricName", selector: "metricSelector", value: "\(side)Value",
        averageValue: "\(side)AverageValue")
    default: return nil
    }
  }

  private static func oldForm(_ metric: JSON, isStatus: Bool) -> JSON {
    guard let form = form(metric["type"]?.string ?? "", isStatus: isStatus), let source = metric[form.member] else {
      return metric
    }
    let side = source[isStatus ? "current" : "target"]
    var content: JSON = [:]
    for member in ["name", "container"] { content[member] = source[member] }
    if let name = form.name { content[name] = source[path: "metric", "name"] }
    if let selector = form.selector { content[selector] = source[path: "metric", "selector"] }
    if let object = form.object { content[object] = source["describedObject"] }
    if let value = form.value { content[value] = side?["value"] }
    if let value = form.averageValue { content[value] = side?["averageValue"] }
    if let value = form.utilization { content[value] = side?["averageUtilization"] }
    return ["type": metric["type"] ?? "", .init(form.member): content]
  }

  private static func newForm(_ metric: JSON, isStatus: Bool) -> JSON {
    guard let form = form(metric["type"]?.string ?? "", isStatus: isStatus), let source = metric[form.member] else {
      return metric
    }
    var content: JSON = [:]
    for member in ["name", "container"] { content[member] = source[member] }
    if let name = form.name { content["metric"] = ["name": source[name] ?? ""] }
    if let selector = form.selector, let given = source[selector] { content[path: "metric", "selector"] = given }
    if let object = form.object { content["describedObject"] = source[object] }
    var side: JSON = [:]
    let utilization = form.utilization.flatMap { source[$0] }
    let average = form.averageValue.flatMap { source[$0] }
    side["averageUtilization"] = utilization
    side["averageValue"] = average
    side["value"] = average == nil ? form.value.flatMap { source[$0] } : nil
    if !isStatus {
      side["type"] = utilization != nil ? "Utilization" : average != nil ? "AverageValue" : "Value"
    }
    content[isStatus ? "current" : "target"] = side
    return ["type": metric["type"] ?? "", .init(form.member): content]
  }
}
