import JSONTree
import KubernetesAPI

/// The content of a pod's `/etc/hosts`.
enum HostsFile {
  /// - Parameter nodeFile: the node's own file, which a pod on the host's network starts from.
  static func text(pod: JSON, addresses: [String], clusterDomain: String, nodeFile: String) -> String {
    var lines: [String]
    if pod.usesHostNetwork {
      lines = [
        "# Kubernetes-managed hosts file (host network).",
        nodeFile.hasSuffix("\n") ? String(nodeFile.dropLast()) : nodeFile,
      ]
    } else {
      lines = [
        "# Kubernetes-managed hosts file.",
        "127.0.0.1\tlocalhost",
        "::1\tlocalhost ip6-localhost ip6-loopback",
        "fe00::0\tip6-localnet",
        "fe00::0\tip6-mcastprefix",
        "fe00::1\tip6-allnodes",
        "fe00::2\tip6-allrouters",
      ]
      let short = HostName.short(of: pod)
      let names = HostName.full(of: pod, clusterDomain: clusterDomain).map { "\($0)\t\(short)" } ?? short
      lines += addresses.map { "\($0)\t\(names)" }
    }
    let aliases = pod.spec["hostAliases"]?.items ?? []
    if !aliases.isEmpty {
      lines += ["", "# Entries added by HostAliases."]
      for alias in aliases {
        let names = (alias["hostnames"]?.items ?? []).compactMap(\.string)
        lines.append(([alias["ip"]?.string ?? ""] + names).joined(separator: "\t"))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
