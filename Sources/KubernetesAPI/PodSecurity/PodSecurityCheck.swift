import JSONTree

/// One thing a standard forbids, and what of a pod breaks it.
package struct PodSecurityViolation: Hashable, Sendable {
  /// In few words: `hostPort`.
  package let reason: String
  /// Who breaks it, and how; in parentheses behind the reason.
  package let detail: String
}

extension [PodSecurityViolation] {
  /// The reasons alone, as told of many pods.
  package var reasons: String { map(\.reason).joined(separator: ", ") }

  /// The reasons with their details, as told of one pod.
  package var details: String {
    map { $0.detail.isEmpty ? $0.reason : "\($0.reason) (\($0.detail))" }.joined(separator: ", ")
  }
}

/// A pod, or a workload's template of one, as the checks look at it.
struct PodSecuritySubject {
  let annotations: [String: String]
  let spec: JSON
  /// In the order in which violations name them: init containers, containers, ephemeral containers.
  let containers: [JSON]

  init(_ pod: JSON) {
    annotations = pod.annotations
    spec = pod.spec
    containers = ["initContainers", "containers", "ephemeralContainers"].flatMap { [spec] in spec[$0]?.items ?? [] }
  }

  var context: JSON { spec["securityContext"] ?? [:] }
  var isWindows: Bool { spec[path: "os", "name"] == "windows" }
  /// Whether the pod's users are others than the node's: then root inside is nobody outside.
  var hasOwnUsers: Bool { spec["hostUsers"] == false }

  /// The names of the containers for which `isBad` holds.
  func names(where isBad: (JSON) -> Bool) -> [String] {
    containers.filter(isBad).map { $0["name"]?.string ?? "" }
  }
}

/// A check of the Pod Security Standards, with its versions.
struct PodSecurityCheck: Sendable {
  struct Version: Sendable {
    /// The first minor release that it counts for.
    let since: Int
    /// The checks of `baseline` that it makes needless.
    var overrides: [String] = []
    let body: @Sendable (PodSecuritySubject) -> PodSecurityViolation?
  }

  /// As upstream names it: violations are listed in the order of these.
  let id: String
  let level: PodSecurityLevel
  /// Oldest first.
  let versions: [Version]

  func version(at minor: Int) -> Version? { versions.last { $0.since <= minor } }
}

/// Words for lists in violations.
enum PodSecurityWords {
  static func quoted(_ items: some Sequence<String>) -> String {
    items.map { "\"\($0)\"" }.joined(separator: ", ")
  }

  static func plural(_ word: String, _ count: Int) -> String { count == 1 ? word : word + "s" }

  /// `container "a"`, `containers "a", "b"`.
  static func containers(_ names: [String]) -> String { "\(plural("container", names.count)) \(quoted(names))" }

  /// `pod and container "a"`; `nil` where nobody is to be named.
  static func setters(pod: Bool, _ names: [String]) -> String? {
    let setters = (pod ? ["pod"] : []) + (names.isEmpty ? [] : [containers(names)])
    return setters.isEmpty ? nil : setters.joined(separator: " and ")
  }
}
