import JSONTree

extension AuditPolicy {
  /// Reads a policy file's text. Throws where it is none, or says what cannot be meant.
  package init(yaml text: String) throws(APIServerError) {
    let tree: JSON
    do {
      tree = try YAMLTree(text).tree
    } catch {
      throw Self.fault("the audit policy does not parse: \(error)")
    }
    guard tree["apiVersion"] == "audit.k8s.io/v1", tree["kind"] == "Policy" else {
      throw Self.fault("the audit policy has to be a Policy of audit.k8s.io/v1")
    }
    rules = []
    for (index, item) in (tree["rules"]?.items ?? []).enumerated() { rules.append(try Self.rule(item, index)) }
    if rules.isEmpty { throw Self.fault("the audit policy has no rules") }
    omitStages = try Self.stages(tree["omitStages"], "omitStages")
    omitManagedFields = tree["omitManagedFields"]?.bool ?? false
  }

  private static func rule(_ item: JSON, _ index: Int) throws(APIServerError) -> Rule {
    let place = "rules[\(index)]"
    guard let level = (item["level"]?.string).flatMap(AuditLevel.init(rawValue:)) else {
      let levels = AuditLevel.allCases.map(\.rawValue).joined(separator: ", ")
      throw fault("the audit policy's \(place).level is to be one of \(levels)")
    }
    var rule = Rule(level: level)
    rule.users = texts(item["users"])
    rule.userGroups = texts(item["userGroups"])
    rule.verbs = texts(item["verbs"])
    rule.namespaces = texts(item["namespaces"])
    rule.nonResourceURLs = texts(item["nonResourceURLs"])
    rule.resources = (item["resources"]?.items ?? []).map {
      Resources(
        group: $0["group"]?.string ?? "", resources: texts($0["resources"]),
        resourceNames: texts($0["resourceNames"]))
    }
    rule.omitStages = try stages(item["omitStages"], "\(place).omitStages")
    rule.omitManagedFields = item["omitManagedFields"]?.bool
    if !rule.nonResourceURLs.isEmpty, !rule.resources.isEmpty || !rule.namespaces.isEmpty {
      throw fault(
        "the audit policy's \(place) cannot apply to both regular resources and non-resource URLs")
    }
    for url in rule.nonResourceURLs where url != "*" && !url.hasPrefix("/") {
      throw fault("the audit policy's \(place).nonResourceURLs: \(url) must begin with a \"/\" character")
    }
    if rule.resources.contains(where: { !$0.resourceNames.isEmpty && $0.resources.isEmpty }) {
      throw fault("the audit policy's \(place).resources: using resourceNames requires at least one resource")
    }
    return rule
  }

  private static func stages(_ list: JSON?, _ place: String) throws(APIServerError) -> Set<AuditStage> {
    var stages: Set<AuditStage> = []
    for text in texts(list) {
      guard let stage = AuditStage(rawValue: text) else {
        let known = AuditStage.allCases.map(\.rawValue).joined(separator: ", ")
        throw fault("the audit policy's \(place): \(text) is none of \(known)")
      }
      stages.insert(stage)
    }
    return stages
  }

  private static func texts(_ list: JSON?) -> [String] { (list?.items ?? []).compactMap(\.string) }

  private static func fault(_ message: String) -> APIServerError { APIServerError(.audit, message) }
}
