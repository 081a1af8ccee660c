import JSONTree
import KubernetesAPI

/// A pod's names for itself.
enum HostName {
  /// What the pod calls itself whatever else it is called: then it has no domain.
  private static func override(of pod: JSON) -> String? {
    pod.spec["hostnameOverride"]?.string.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The host name without a domain: `spec.hostnameOverride`, else `spec.hostname`, else the pod's name, cut to the 63
  /// bytes a label may have.
  static func short(of pod: JSON) -> String {
    let own = override(of: pod) ?? pod.spec["hostname"]?.string ?? ""
    let name = own.isEmpty ? pod.name : own
    guard name.utf8.count > 63 else { return name }
    var cut = String(name.prefix(63))
    while let last = cut.last, last == "-" || last == "." { cut.removeLast() }
    return cut
  }

  /// With a `subdomain`, the name the cluster's DNS gives it; else `nil`.
  static func full(of pod: JSON, clusterDomain: String) -> String? {
    guard override(of: pod) == nil, let subdomain = pod.spec["subdomain"]?.string, !subdomain.isEmpty else {
      return nil
    }
    return "\(short(of: pod)).\(subdomain).\(pod.namespace).svc.\(clusterDomain)"
  }

  /// What `hostname` prints inside. Throws where `setHostnameAsFQDN` makes it longer than the kernel's 64 bytes.
  static func kernelName(of pod: JSON, clusterDomain: String) throws(NodeAgentError) -> String {
    guard pod.spec["setHostnameAsFQDN"]?.bool == true, let full = full(of: pod, clusterDomain: clusterDomain) else {
      return short(of: pod)
    }
    guard full.utf8.count <= 64 else {
      throw NodeAgentError(
        .failedCreatePodSandbox,
        "failed to construct FQDN from pod hostname and cluster domain, FQDN \(full) is too long (64 characters is"
          + " the max, \(full.utf8.count) characters requested)")
    }
    return full
  }
}
