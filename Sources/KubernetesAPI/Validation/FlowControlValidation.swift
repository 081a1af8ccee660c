import Glibc
import JSONTree

/// Flow schemas and priority levels.
enum FlowControlValidation {
  private static let spec = FieldPath("spec")
  private static let verbs = [
    "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch",
  ]
  private static let subjectFields = [("ServiceAccount", "serviceAccount"), ("User", "user"), ("Group", "group")]
  /// A flow chooses its queues by a hash of so many bits.
  private static let hashBits = 60

  // MARK: Flow schemas

  static func judgeSchema(_ object: JSON) -> [FieldError] {
    var faults: [FieldError] = []
    let path = spec.child("matchingPrecedence")
    let precedence = object.spec["matchingPrecedence"] ?? 0
    let number = precedence.int ?? 0
    if number <= 0 { faults.append(.invalid(path, precedence, "must be a positive value")) }
    if number > 10_000 { faults.append(.invalid(path, precedence, "must not be greater than 10000")) }
    if number == 1, object.name != "exempt" {
      faults.append(
        .invalid(path, precedence, "only the schema named 'exempt' may have matchingPrecedence 1"))
    }
    if let method = object.spec["distinguisherMethod"] {
      let type = method["type"]?.string ?? ""
      if !["ByNamespace", "ByUser"].contains(type) {
        faults.append(
          .notSupported(
            spec.child("distinguisherMethod").child("type"), .string(type), ["ByNamespace", "ByUser"]))
      }
    }
    let reference = spec.child("priorityLevelConfiguration").child("name")
    let level = object.spec[path: "priorityLevelConfiguration", "name"]?.string ?? ""
    if level.isEmpty {
      faults.append(.required(reference, "must reference a priority level"))
    } else {
      faults += NameRules.dnsSubdomain(level).map { .invalid(reference, .string(level), $0) }
    }
    for (index, rule) in (object.spec["rules"]?.items ?? []).enumerated() {
      faults += ruleFaults(rule, spec.child("rules")[index])
    }
    return faults + mandatoryFaults(object, BuiltInFlowControl.schemas)
  }

  private static func ruleFaults(_ rule: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    let subjects = rule["subjects"]?.items ?? []
    if subjects.isEmpty {
      faults.append(.required(path.child("subjects"), "subjects must contain at least one value"))
    }
    for (index, subject) in subjects.enumerated() {
      faults += subjectFaults(subject, path.child("subjects")[index])
    }
    let resources = rule["resourceRules"]?.items ?? []
    let others = rule["nonResourceRules"]?.items ?? []
    if resources.isEmpty, others.isEmpty {
      faults.append(.required(path, "at least one of resourceRules and nonResourceRules has to be non-empty"))
    }
    for (index, rule) in resources.enumerated() { faults += resourceFaults(rule, path.child("resourceRules")[index]) }
    for (index, rule) in others.enumerated() { faults += pathFaults(rule, path.child("nonResourceRules")[index]) }
    return faults
  }

  private static func subjectFaults(_ subject: JSON, _ path: FieldPath) -> [FieldError] {
    let kind = subject["kind"]?.string ?? ""
    guard let field = subjectFields.first(where: { $0.0 == kind })?.1 else {
      return [.notSupported(path.child("kind"), .string(kind), ["Group", "ServiceAccount", "User"])]
    }
    var faults: [FieldError] = []
    if let chosen = subject[field] {
      faults += nameFaults(chosen, kind, path.child(field))
    } else {
      faults.append(.required(path.child(field), "\(field) is required when subject kind is '\(kind)'"))
    }
    for (other, name) in subjectFields where name != field && subject[name] != nil {
      faults.append(
        .forbidden(path.child(name), "\(name) is forbidden when subject kind is not '\(other)'"))
    }
    return faults
  }

  private static func nameFaults(_ subject: JSON, _ kind: String, _ path: FieldPath) -> [FieldError] {
    let name = subject["name"]?.string ?? ""
    guard !name.isEmpty else { return [.required(path.child("name"))] }
    guard kind == "ServiceAccount" else { return [] }
    var faults: [FieldError] = []
    if name != "*" {
      faults += NameRules.dnsSubdomain(name).map { .invalid(path.child("name"), .string(name), $0) }
    }
    let namespace = subject["namespace"]?.string ?? ""
    guard !namespace.isEmpty else {
      return faults + [.required(path.child("namespace"), "must specify namespace for service account")]
    }
    return faults
      + NameRules.dnsLabel(namespace).map { .invalid(path.child("namespace"), .string(namespace), $0) }
  }

  private static func resourceFaults(_ rule: JSON, _ path: FieldPath) -> [FieldError] {
    var faults = verbFaults(rule, path)
    faults += listFaults(rule, "apiGroups", "resource rules must supply at least one api group", "api groups", path)
    faults += listFaults(rule, "resources", "resource rules must supply at least one resource", "resources", path)
    let namespaces = (rule["namespaces"]?.items ?? []).compactMap(\.string)
    let here = path.child("namespaces")
    if namespaces.isEmpty, rule["clusterScope"] != true {
      let missing = "resource rules that are not cluster scoped must supply at least one namespace"
      faults.append(.required(here, missing))
    } else if namespaces.contains("*") {
      if namespaces.count > 1 {
        faults.append(
          .invalid(here, rule["namespaces"] ?? [], "if '*' is present, must not specify other namespaces"))
      }
    } else {
      for (index, namespace) in namespaces.enumerated() {
        faults += NameRules.dnsLabel(namespace).map {
          .invalid(
            here[index], .string(namespace), "each member of this list must be '*' or a DNS-1123 label; \($0)")
        }
      }
    }
    return faults
  }

  private static func verbFaults(_ rule: JSON, _ path: FieldPath) -> [FieldError] {
    let faults = listFaults(rule, "verbs", "verbs must contain at least one value", "verbs", path)
    let given = (rule["verbs"]?.items ?? []).compactMap(\.string)
    if !faults.isEmpty || given.contains("*") || given.allSatisfy(verbs.contains) { return faults }
    return [.notSupported(path.child("verbs"), rule["verbs"] ?? [], verbs)]
  }

  private static func pathFaults(_ rule: JSON, _ path: FieldPath) -> [FieldError] {
    var faults = verbFaults(rule, path)
    faults += listFaults(
      rule, "nonResourceURLs", "nonResourceURLs must contain at least one value", "non-resource URLs", path)
    let given = (rule["nonResourceURLs"]?.items ?? []).compactMap(\.string)
    if given.contains("*") { return faults }
    for (index, url) in given.enumerated() {
      guard let fault = fault(inPath: url) else { continue }
      faults.append(.invalid(path.child("nonResourceURLs")[index], .string(url), fault))
    }
    return faults
  }

  /// A list that is not empty, and in which an asterisk stands alone.
  private static func listFaults(
    _ rule: JSON, _ field: String, _ missing: String, _ what: String, _ path: FieldPath
  ) -> [FieldError] {
    let items = rule[field]?.items ?? []
    if items.isEmpty { return [.required(path.child(field), missing)] }
    guard items.contains("*"), items.count > 1 else { return [] }
    return [
      .invalid(path.child(field), .array(items), "if '*' is present, must not specify other \(what)")
    ]
  }

  private static func fault(inPath path: String) -> String? {
    if path.isEmpty { return "must not be empty" }
    if path == "/" { return nil }
    if !path.hasPrefix("/") { return "must start with slash" }
    if path.contains(" ") { return "must not contain white-space" }
    if path.contains("//") { return "must not contain double slash" }
    let wildcards = path.filter { $0 == "*" }.count
    return wildcards > 1 || (wildcards == 1 && !path.hasSuffix("/*")) ? "wildcard can only do suffix matching" : nil
  }

  // MARK: Priority levels

  static func judgeLevel(_ object: JSON) -> [FieldError] {
    var faults: [FieldError] = []
    let type = object.spec["type"]?.string ?? ""
    let path = spec.child("type")
    if (object.name == "exempt") != (type == "Exempt") {
      faults.append(.invalid(path, .string(type), "must be 'Exempt' if and only if `name` is 'exempt'"))
    }
    switch type {
    case "Exempt":
      if object.spec["limited"] != nil {
        faults.append(.forbidden(spec.child("limited"), "must be nil if the type is not Limited"))
      }
      if let exempt = object.spec["exempt"] { faults += shareFaults(exempt, spec.child("exempt")) }
    case "Limited":
      if object.spec["exempt"] != nil {
        faults.append(.forbidden(spec.child("exempt"), "must be nil if the type is Limited"))
      }
      if let limited = object.spec["limited"] {
        faults += limitFaults(limited, spec.child("limited"))
      } else {
        faults.append(.required(spec.child("limited"), "must not be empty when type is Limited"))
      }
    default: faults.append(.notSupported(path, .string(type), ["Exempt", "Limited"]))
    }
    return faults + mandatoryFaults(object, BuiltInFlowControl.levels)
  }

  private static func shareFaults(_ level: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    if let shares = level["nominalConcurrencyShares"]?.int, shares < 0 {
      faults.append(
        .invalid(path.child("nominalConcurrencyShares"), .int(shares), "must be a non-negative integer"))
    }
    if let percent = level["lendablePercent"]?.int, !(0...100).contains(percent) {
      faults.append(.invalid(path.child("lendablePercent"), .int(percent), "must be between 0 and 100, inclusive"))
    }
    return faults
  }

  private static func limitFaults(_ limited: JSON, _ path: FieldPath) -> [FieldError] {
    var faults = shareFaults(limited, path)
    if let percent = limited["borrowingLimitPercent"]?.int, percent < 0 {
      faults.append(
        .invalid(path.child("borrowingLimitPercent"), .int(percent), "if specified, must be a non-negative integer"))
    }
    let here = path.child("limitResponse")
    let response = limited["limitResponse"] ?? [:]
    let queuing = response["queuing"]
    switch response["type"]?.string ?? "" {
    case "Reject":
      if queuing != nil {
        faults.append(
          .forbidden(here.child("queuing"), "must be nil if limited.limitResponse.type is not Limited"))
      }
    case "Queue":
      if let queuing {
        faults += queueFaults(queuing, here.child("queuing"))
      } else {
        faults.append(
          .required(here.child("queuing"), "must not be empty if limited.limitResponse.type is Limited"))
      }
    case let type: faults.append(.notSupported(here.child("type"), .string(type), ["Queue", "Reject"]))
    }
    return faults
  }

  private static func queueFaults(_ queuing: JSON, _ path: FieldPath) -> [FieldError] {
    func number(_ name: String) -> Int64 { queuing[name]?.int ?? 0 }
    func fault(_ name: String, _ text: String) -> FieldError {
      .invalid(path.child(name), .int(number(name)), text)
    }
    var faults: [FieldError] = []
    if number("queueLengthLimit") <= 0 { faults.append(fault("queueLengthLimit", "must be positive")) }
    let (queues, hand) = (number("queues"), number("handSize"))
    if queues <= 0 {
      faults.append(fault("queues", "must be positive"))
    } else if queues > 10_000_000 {
      faults.append(fault("queues", "must not be greater than 10000000"))
    }
    if hand <= 0 {
      faults.append(fault("handSize", "must be positive"))
    } else if hand > queues {
      faults.append(fault("handSize", "should not be greater than queues (\(queues))"))
    } else {
      var bits = 0.0
      // A hand of a few cards uses all bits up: no need to go through a large one.
      for card in 0..<min(hand, Int64(hashBits) * 2) { bits += log2(Double(queues - card)) }
      if Int(bits.rounded(.up)) > hashBits {
        faults.append(
          fault(
            "handSize",
            "required entropy bits of deckSize \(queues) and handSize \(hand) should not be greater than \(hashBits)"))
      }
    }
    return faults
  }

  /// Without the mandatory ones no request would have a place. What `exempt` lends may be changed.
  private static func mandatoryFaults(_ object: JSON, _ all: [JSON]) -> [FieldError] {
    guard BuiltInFlowControl.mandatory.contains(object.name), let wanted = all.first(where: { $0.name == object.name })
    else { return [] }
    var (given, fixed) = (object.spec, wanted.spec)
    let isLevel = given["type"] != nil
    if object.name == "exempt" { (given["exempt"], fixed["exempt"]) = (nil, nil) }
    if given == fixed { return [] }
    let but = isLevel && object.name == "exempt" ? " except the 'spec.exempt' field" : ""
    return [.invalid(spec, object.spec, "spec of '\(object.name)'\(but) must equal the fixed value")]
  }
}
