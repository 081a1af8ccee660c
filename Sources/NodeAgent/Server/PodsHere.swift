package import KubernetesAPI
package import LinuxKernel

/// What the agent knows of pods that run here, for whoever explains their network.
package struct PodsHere: Sendable {
  /// `nil` for a pod that does not run here.
  package let network: @Sendable (ObjectName) async throws -> NetworkNamespace?
  package let resolver: @Sendable (ObjectName) async -> PodResolver?
}

/// How a pod asks for names: its resolv.conf(5).
package struct PodResolver: Hashable, Sendable {
  package let servers: [String]
  package let searches: [String]
  /// With fewer dots than that in a name the search list comes first (`ndots`).
  package let dots: Int

  init(_ configuration: ResolverConfiguration) {
    servers = configuration.servers
    searches = configuration.searches
    dots = configuration.options.last { $0.hasPrefix("ndots:") }.flatMap { Int($0.dropFirst(6)) } ?? 1
  }
}

extension PodWorker {
  var resolver: PodResolver { PodResolver(context.sandboxes.resolver(of: pod)) }
}
