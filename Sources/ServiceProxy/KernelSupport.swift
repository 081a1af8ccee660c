internal import LinuxKernel

/// What this kernel can do for Services beyond what the rules cannot do without.
package enum KernelSupport {
  /// Whether connection tracking knows SCTP: then this setting exists.
  package static func translatesSCTP() -> Bool {
    (try? Sysctl.read("net/netfilter/nf_conntrack_sctp_timeout_established")) != nil
  }
}
