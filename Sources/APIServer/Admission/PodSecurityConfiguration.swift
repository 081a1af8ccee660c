import JSONTree
package import KubernetesAPI
import LinuxKernel

/// What Pod Security is told when the server starts: what holds where a namespace says nothing, and whom it leaves alone.
package struct PodSecurityConfiguration: Sendable, Hashable {
  package var defaults = PodSecurityPolicy()
  package var usernames: Set<String> = []
  package var runtimeClasses: Set<String> = []
  package var namespaces: Set<String> = []

  /// Asks nothing and exempts nobody.
  package init() {}

  private static let groupVersions = ["v1", "v1beta1", "v1alpha1"].map { "pod-security.admission.config.k8s.io/\($0)" }

  /// Reads the file of `--admission-control-config-file`: an AdmissionConfiguration with the configuration of PodSecurity,
  /// or the name of its file, in it.
  package init(path: String) throws(APIServerError) {
    let file = try Self.tree(path)
    guard file["apiVersion"] == "apiserver.config.k8s.io/v1", file["kind"] == "AdmissionConfiguration" else {
      throw Self.fault("\(path) has to be an AdmissionConfiguration of apiserver.config.k8s.io/v1")
    }
    for plugin in file["plugins"]?.items ?? [] {
      let name = plugin["name"]?.string ?? ""
      guard name == "PodSecurity" else {
        throw Self.fault("\(path) configures the plugin \"\(name)\"; only PodSecurity is configured by a file")
      }
      if let configuration = plugin["configuration"], !configuration.isNull {
        try read(configuration, path)
      } else if let other = plugin["path"]?.string, !other.isEmpty {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let place = other.hasPrefix("/") ? other : folder + other
        try read(try Self.tree(place), place)
      }
    }
  }

  private static func tree(_ path: String) throws(APIServerError) -> JSON {
    let text: String
    do {
      text = try KernelFile.text(path)
    } catch {
      throw APIServerError(.admission, "the admission configuration \(path) cannot be read", cause: error)
    }
    do {
      return try YAMLTree(text).tree
    } catch {
      throw fault("\(path) does not parse: \(error)")
    }
  }

  private mutating func read(_ tree: JSON, _ path: String) throws(APIServerError) {
    guard tree["kind"] == "PodSecurityConfiguration", Self.groupVersions.contains(tree["apiVersion"]?.string ?? "")
    else {
      throw Self.fault("\(path): the configuration of PodSecurity has to be a PodSecurityConfiguration")
    }
    var faults: [FieldError] = []
    defaults = PodSecurityPolicy.read(defaults: tree["defaults"], &faults)
    let exemptions = tree["exemptions"]
    namespaces = Self.names(exemptions, "namespaces", &faults) { NameRules.dnsLabel($0) }
    runtimeClasses = Self.names(exemptions, "runtimeClasses", &faults) { NameRules.dnsSubdomain($0) }
    usernames = Self.names(exemptions, "usernames", &faults) { _ in [] }
    if !faults.isEmpty { throw Self.fault("\(path): \(faults.map(\.description).joined(separator: ", "))") }
  }

  private static func names(
    _ exemptions: JSON?, _ member: String, _ faults: inout [FieldError], _ rule: (String) -> [String]
  ) -> Set<String> {
    var names: Set<String> = []
    for (index, item) in (exemptions?[member]?.items ?? []).enumerated() {
      let path = FieldPath("exemptions", member)[index]
      let name = item.string ?? ""
      let broken = rule(name)
      if !broken.isEmpty {
        faults.append(.invalid(path, item, broken.joined(separator: ", ")))
      } else if name.isEmpty {
        faults.append(.required(path))
      } else if !names.insert(name).inserted {
        faults.append(.duplicate(path, item))
      }
    }
    return names
  }

  private static func fault(_ message: String) -> APIServerError { APIServerError(.admission, message) }
}
