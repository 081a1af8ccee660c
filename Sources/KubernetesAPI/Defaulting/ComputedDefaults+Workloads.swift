import JSONTree

extension ComputedDefaults {
  static let statefulSetUpdateStrategy: Rule = { strategy in
    guard strategy["type"] == "RollingUpdate" else { return }
    var rolling = strategy["rollingUpdate"] ?? [:]
    if rolling["partition"] == nil { rolling["partition"] = 0 }
    strategy["rollingUpdate"] = rolling
  }

  static let daemonSetUpdateStrategy: Rule = { strategy in
    guard strategy["type"] == "RollingUpdate" else { return }
    var rolling = strategy["rollingUpdate"] ?? [:]
    if rolling["maxUnavailable"] == nil { rolling["maxUnavailable"] = 1 }
    if rolling["maxSurge"] == nil { rolling["maxSurge"] = 0 }
    strategy["rollingUpdate"] = rolling
  }

  /// Labels and selector follow the template's labels.
  static let replicationController: Rule = { controller in
    guard let labels = controller["spec"]?[path: "template", "metadata", "labels"], labels.object?.isEmpty == false,
      var spec = controller["spec"]
    else { return }
    if spec["selector"]?.object?.isEmpty ?? true { spec["selector"] = labels }
    controller["spec"] = spec
    takeLabels(labels, &controller)
  }

  static let job: Rule = { job in
    guard let labels = job["spec"]?[path: "template", "metadata", "labels"], labels.object?.isEmpty == false else {
      return
    }
    takeLabels(labels, &job)
  }

  private static func takeLabels(_ labels: JSON, _ object: inout JSONObject) {
    guard var metadata = object["metadata"], metadata["labels"]?.object?.isEmpty ?? true else { return }
    metadata["labels"] = labels
    object["metadata"] = metadata
  }

  static let jobSpec: Rule = { spec in
    if spec["completions"] == nil, spec["parallelism"] == nil { spec["completions"] = 1 }
    if spec["parallelism"] == nil { spec["parallelism"] = 1 }
    if spec["backoffLimit"] == nil {
      spec["backoffLimit"] = spec["backoffLimitPerIndex"] == nil ? 6 : .int(Int64(Int32.max))
    }
    if spec["manualSelector"] == nil { spec["manualSelector"] = false }
    if spec["podReplacementPolicy"] == nil {
      spec["podReplacementPolicy"] = spec["podFailurePolicy"] == nil ? "TerminatingOrFailed" : "Failed"
    }
  }

  static let horizontalPodAutoscalerSpec: Rule = { spec in
    if spec["metrics"]?.items.isEmpty ?? true {
      spec["metrics"] = [
        [
          "type": "Resource",
          "resource": ["name": "cpu", "target": ["type": "Utilization", "averageUtilization": 80]],
        ]
      ]
    }
    guard var behavior = spec["behavior"] else { return }
    behavior["scaleUp"] = scalingRules(
      behavior["scaleUp"], stabilization: 0,
      policies: [
        ["type": "Pods", "value": 4, "periodSeconds": 15], ["type": "Percent", "value": 100, "periodSeconds": 15],
      ])
    behavior["scaleDown"] = scalingRules(
      behavior["scaleDown"], stabilization: nil,
      policies: [["type": "Percent", "value": 100, "periodSeconds": 15]])
    spec["behavior"] = behavior
  }

  private static func scalingRules(_ given: JSON?, stabilization: JSON?, policies: JSON) -> JSON {
    var rules = given ?? [:]
    if rules["stabilizationWindowSeconds"] == nil, let stabilization {
      rules["stabilizationWindowSeconds"] = stabilization
    }
    if rules["selectPolicy"] == nil { rules["selectPolicy"] = "Max" }
    if rules["policies"]?.items.isEmpty ?? true { rules["policies"] = policies }
    return rules
  }

  static let networkPolicySpec: Rule = { spec in
    guard spec["policyTypes"]?.items.isEmpty ?? true else { return }
    let hasEgress = spec["egress"]?.items.isEmpty == false
    spec["policyTypes"] = hasEgress ? ["Ingress", "Egress"] : ["Ingress"]
  }

  static let networkPolicyPort: Rule = { port in if port["protocol"] == nil { port["protocol"] = "TCP" } }

  static let csiDriverSpec: Rule = { spec in
    if spec["volumeLifecycleModes"]?.items.isEmpty ?? true { spec["volumeLifecycleModes"] = ["Persistent"] }
  }

  private static let rbacGroup: JSON = "rbac.authorization.k8s.io"

  static let roleRef: Rule = { reference in
    if (reference["apiGroup"] ?? "") == "" { reference["apiGroup"] = rbacGroup }
  }

  static let subject: Rule = { subject in
    guard (subject["apiGroup"] ?? "") == "" else { return }
    if subject["kind"] == "User" || subject["kind"] == "Group" { subject["apiGroup"] = rbacGroup }
  }

  /// Of a container's limits: what is missing follows from what is there, from the loosest bound to the narrowest.
  static let limitRangeItem: Rule = { item in
    guard item["type"] == "Container" else { return }
    fill("default", from: "max", &item)
    fill("defaultRequest", from: "default", &item)
    fill("defaultRequest", from: "min", &item)
  }

  private static func fill(_ name: String, from source: String, _ item: inout JSONObject) {
    guard case .object(let known)? = item[source] else { return }
    var values = item[name] ?? [:]
    for member in known.members where values[member.key] == nil { values[member.key] = member.value }
    item[name] = values
  }
}
