import ContainerRuntime
import JSONTree
import KubernetesAPI
import LinuxKernel

/// What goes into a pod's `/etc/resolv.conf`.
struct ResolverConfiguration: Sendable, Hashable {
  var servers: [String] = []
  var searches: [String] = []
  var options: [String] = []

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

  private static func merged(_ first: [String], _ second: [String]) -> [String] {
    var seen: Set<String> = []
    return (first + second).filter { seen.insert($0).inserted }
  }
}

extension ResolverConfiguration {
  static func read(_ path: String) throws -> ResolverConfiguration { parse(try KernelFile.text(path)) }
}
