import JSONTree
import KubernetesAPI

/// Which kernel parameters a pod may set. Source: the kubelet's list of safe ones; the others could harm the node's
/// other pods, or are no namespace's own.
enum SafeSysctls {
  private enum Namespace: String {
    case ipc = "IPC"
    case net = "Net"
  }

  private static let known: [String: Namespace] = [
    "kernel.shm_rmid_forced": .ipc, "net.ipv4.ip_local_port_range": .net, "net.ipv4.tcp_syncookies": .net,
    "net.ipv4.ping_group_range": .net, "net.ipv4.ip_unprivileged_port_start": .net,
    "net.ipv4.ip_local_reserved_ports": .net, "net.ipv4.tcp_keepalive_time": .net, "net.ipv4.tcp_fin_timeout": .net,
    "net.ipv4.tcp_keepalive_intvl": .net, "net.ipv4.tcp_keepalive_probes": .net, "net.ipv4.tcp_rmem": .net,
    "net.ipv4.tcp_wmem": .net,
  ]

  /// Why the pod's first unsafe parameter is refused, in the kubelet's words; `nil` where there is none.
  static func refusal(of pod: JSON) -> String? {
    for sysctl in pod.spec["securityContext"]?["sysctls"]?.items ?? [] {
      let name = dotted(sysctl.containerName)
      guard let namespace = known[name] else { return "forbidden sysctl: \"\(name)\" not allowlisted" }
      let isTheNodes =
        switch namespace {
        case .ipc: pod.spec["hostIPC"]?.bool == true
        case .net: pod.usesHostNetwork
        }
      if isTheNodes {
        return "forbidden sysctl: \"\(name)\" not allowed with host \(namespace.rawValue) enabled"
      }
    }
    return nil
  }

  /// `net/ipv4/tcp_rmem` is another way to write `net.ipv4.tcp_rmem`; which it is, the first separator says.
  static func dotted(_ name: String) -> String {
    guard let first = name.first(where: { $0 == "." || $0 == "/" }), first == "/" else { return name }
    return String(name.map { $0 == "/" ? "." : $0 == "." ? "/" : $0 })
  }
}
