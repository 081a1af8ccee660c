import ContainerRuntime
import JSONTree
import KubernetesAPI
import LinuxKernel

/// What goes into a pod's `/etc/resolv.conf`.
struct ResolverConfiguration: Sendable, Hashable {
  var servers: [String] = []
  var searches: [String] = []
  var options: [String] = []
  /// What did not fit, in upstream's words.
  var warnings: [String] = []

  /// What resolvers read at most, as upstream counts it.
  private static let (maximumServers, maximumSearches, maximumSearchBytes) = (3, 32, 2048)

  /// Reads resolv.conf(5).
  static func parse(_ text: String) -> ResolverConfiguration {
    var result = ResolverConfiguration()
    for line in text.split(separator: "\n") {
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
      switch words.first {
      case "nameserver": if words.count > 1 { result.servers.append(words[1]) }
      case "search", "domain": result.searches = Array(words.dropFirst())
      case "options": result.options += words.dropFirst()
      default: continue
      }
    }
    return result
  }

  /// - Parameter node: the node's own resolver configuration.
  init(pod: JSON, node: ResolverConfiguration, clusterServers: [String], clusterDomain: String) {
    self.init()
    var policy = pod.spec["dnsPolicy"]?.string ?? "ClusterFirst"
    if policy == "ClusterFirst", pod.usesHostNetwork { policy = "Default" }
    switch policy {
    case "None": break
    case "Default": self = node
    default:
      servers = clusterServers
      searches = ["\(pod.namespace).svc.\(clusterDomain)", "svc.\(clusterDomain)", clusterDomain] + node.searches
      options = ["ndots:5"]
    }
    defer { limit() }
    guard let own = pod.spec["dnsConfig"] else { return }
    servers = Self.merged(servers, (own["nameservers"]?.items ?? []).compactMap(\.string))
    searches = Self.merged(searches, (own["searches"]?.items ?? []).compactMap(\.string))
    for option in own["options"]?.items ?? [] {
      let name = option.containerName
      options.removeAll { $0 == name || $0.hasPrefix(name + ":") }
      options.append(option["value"]?.string.map { "\(name):\($0)" } ?? name)
    }
  }

  init() {}

  private mutating func limit() {
    if servers.count > Self.maximumServers {
      servers = Array(servers.prefix(Self.maximumServers))
      warnings.append(
        "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: "
          + servers.joined(separator: " "))
    }
    var kept = Array(searches.prefix(Self.maximumSearches))
    while kept.joined(separator: " ").utf8.count > Self.maximumSearchBytes { kept.removeLast() }
    guard kept.count < searches.count else { return }
    searches = kept
    warnings.append(
      "Search Line limits were exceeded, some search paths have been omitted, the applied search line is: "
        + searches.joined(separator: " "))
  }

  private static func merged(_ first: [String], _ second: [String]) -> [String] {
    var seen: Set<String> = []
    return (first + second).filter { seen.insert($0).inserted }
  }
}

extension ResolverConfiguration {
  static func read(_ path: String) throws -> ResolverConfiguration { parse(try KernelFile.text(path)) }
}
