package import LinuxKernel

/// Kernel settings a node needs in its network namespace.
package enum NodeSettings {
  /// Name below /proc/sys, value, and what breaks without it.
  package static let all: [(name: String, value: String, purpose: String)] = [
    ("net/ipv4/ip_forward", "1", "pods are reached through the node"),
    ("net/ipv4/conf/all/send_redirects", "0", "a pod's detour through its Service is meant"),
    ("net/ipv4/conf/default/send_redirects", "0", "a pod's detour through its Service is meant"),
    ("net/netfilter/nf_conntrack_tcp_loose", "0", "a connection that was cut stays cut"),
  ]

  /// Sets what differs, in the calling thread's network namespace.
  /// - Returns: the settings that could not be set, with the reason.
  package static func apply() -> [(name: String, error: KernelError)] {
    var failures: [(name: String, error: KernelError)] = []
    for setting in all {
      do {
        try Sysctl.set(setting.name, to: setting.value)
      } catch {
        failures.append((setting.name, error))
      }
    }
    return failures
  }
}
