import JSONTree

/// What a rule of a role allows.
struct AccessRule: Hashable, Sendable {
  var verbs: [String]
  var apiGroups: [String] = []
  var resources: [String] = []
  var resourceNames: [String] = []
  var nonResourceURLs: [String] = []

  init(verbs: [String], apiGroups: [String], resources: [String], resourceNames: [String] = []) {
    self.verbs = verbs
    self.apiGroups = apiGroups
    self.resources = resources
    self.resourceNames = resourceNames
  }

  init(verbs: [String], nonResourceURLs: [String]) {
    self.verbs = verbs
    self.nonResourceURLs = nonResourceURLs
  }

  init(_ json: JSON) {
    func list(_ name: String) -> [String] { (json[name]?.items ?? []).compactMap(\.string) }
    verbs = list("verbs")
    apiGroups = list("apiGroups")
    resources = list("resources")
    resourceNames = list("resourceNames")
    nonResourceURLs = list("nonResourceURLs")
  }

  var json: JSON {
    func list(_ values: [String]) -> JSON { .array(values.map { .string($0) }) }
    var json: JSON = ["verbs": list(verbs)]
    if !apiGroups.isEmpty { json["apiGroups"] = list(apiGroups) }
    if !resources.isEmpty { json["resources"] = list(resources) }
    if !resourceNames.isEmpty { json["resourceNames"] = list(resourceNames) }
    if !nonResourceURLs.isEmpty { json["nonResourceURLs"] = list(nonResourceURLs) }
    return json
  }

  func allows(_ action: AccessAction) -> Bool {
    guard verbs.contains("*") || verbs.contains(action.verb) else { return false }
    guard let resource = action.resource else {
      return nonResourceURLs.contains { Self.matches($0, path: action.path) }
    }
    guard apiGroups.contains("*") || apiGroups.contains(resource.group) else { return false }
    guard resources.contains(where: { Self.matches($0, resource) }) else { return false }
    return resourceNames.isEmpty || resourceNames.contains(resource.name)
  }

  /// `*`, `pods`, `pods/log` or `*/scale`.
  private static func matches(_ pattern: String, _ resource: AccessAction.Resource) -> Bool {
    if pattern == "*" || pattern == resource.qualified { return true }
    return !resource.subresource.isEmpty && pattern == "*/\(resource.subresource)"
  }

  /// A path, or one with `*` at its end.
  private static func matches(_ pattern: String, path: String) -> Bool {
    if pattern == "*" || pattern == path { return true }
    return pattern.hasSuffix("*") && path.hasPrefix(pattern.dropLast())
  }

  /// The rule in parts of one verb, group, resource and name each, which another rule covers as a whole or not at all.
  var atoms: [AccessRule] {
    var result: [AccessRule] = []
    for verb in verbs {
      result += nonResourceURLs.map { AccessRule(verbs: [verb], nonResourceURLs: [$0]) }
      for group in apiGroups {
        for resource in resources {
          if resourceNames.isEmpty {
            result.append(AccessRule(verbs: [verb], apiGroups: [group], resources: [resource]))
          }
          result += resourceNames.map {
            AccessRule(verbs: [verb], apiGroups: [group], resources: [resource], resourceNames: [$0])
          }
        }
      }
    }
    return result
  }

  /// Whether this rule allows all that an atom allows.
  func covers(_ atom: AccessRule) -> Bool {
    func covered(_ wanted: [String], _ held: [String]) -> Bool {
      held.contains("*") || wanted.allSatisfy(held.contains)
    }
    guard covered(atom.verbs, verbs) else { return false }
    if let url = atom.nonResourceURLs.first {
      return nonResourceURLs.contains { held in
        held == url || (held.hasSuffix("*") && url.hasPrefix(held.dropLast()))
      }
    }
    guard covered(atom.apiGroups, apiGroups) else { return false }
    guard let resource = atom.resources.first, resources.contains(where: { Self.covers($0, resource) }) else {
      return false
    }
    return resourceNames.isEmpty
      || (!atom.resourceNames.isEmpty && atom.resourceNames.allSatisfy(resourceNames.contains))
  }

  private static func covers(_ held: String, _ wanted: String) -> Bool {
    if held == "*" || held == wanted { return true }
    guard held.hasPrefix("*/"), let slash = wanted.firstIndex(of: "/") else { return false }
    return held.dropFirst() == wanted[slash...]
  }

  /// As upstream's messages show a rule.
  var text: String {
    func list(_ name: String, _ values: [String]) -> String? {
      values.isEmpty ? nil : "\(name):[\(values.map { "\"\($0)\"" }.joined(separator: " "))]"
    }
    let parts = [
      list("APIGroups", apiGroups), list("Resources", resources), list("ResourceNames", resourceNames),
      list("NonResourceURLs", nonResourceURLs), list("Verbs", verbs),
    ]
    return "{\(parts.compactMap { $0 }.joined(separator: ", "))}"
  }
}

/// What somebody wants to do.
struct AccessAction: Hashable, Sendable {
  struct Resource: Hashable, Sendable {
    var group: String
    var resource: String
    var subresource = ""
    /// Empty for all.
    var namespace = ""
    var name = ""
    /// What a list or watch is narrowed to.
    var fieldSelector = ""

    /// `pods` or `pods/log`.
    var qualified: String { subresource.isEmpty ? resource : "\(resource)/\(subresource)" }
  }

  var verb: String
  var path = ""
  var resource: Resource?
}
