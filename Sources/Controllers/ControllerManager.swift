package import APIClient
import KubernetesAPI
package import Logging
package import ServiceLifecycle

/// All controllers of a cluster.
package enum ControllerManager {
  package struct Configuration: Sendable {
    /// Every node gets a block of each for its pods; the primary family first.
    package var podNetworks: [NodeCIDRController.Network]
    package var nodeLifecycle = NodeLifecycleController.Configuration()
    /// PEM; it becomes the ConfigMap `kube-root-ca.crt` of every namespace.
    package var certificateAuthority: String
    /// Where Services of type LoadBalancer get addresses from while the ConfigMap of pools has no default.
    package var loadBalancerPool: [AddressRange] = []

    package init(certificateAuthority: String, podNetworks: [NodeCIDRController.Network]) {
      self.certificateAuthority = certificateAuthority
      self.podNetworks = podNetworks
    }
  }

  /// The controllers, ready to be run. Their informers are those of `informers`, which whoever made it runs, after
  /// this call.
  package static func services(
    client: APIClient, informers: InformerFactory, configuration: Configuration, logger: Logger
  ) -> [any Service] {
    // There may be ten thousand of these, and few are read at a time.
    for kind in [ResourceKind.services, .endpoints, .endpointSlices] {
      _ = informers.informer(for: kind, configuration: InformerConfiguration(retention: .text))
    }
    let context = ControllerContext(client: client, informers: informers, logger: logger)
    return [
      ReplicaSetController(context: context),
      ReplicaSetController(context: context, kind: .replicationControllers),
      DeploymentController(context: context),
      EndpointSliceController(context: context),
      EndpointsController(context: context),
      MirrorController(context: context),
      LoadBalancerController(context: context, fallback: configuration.loadBalancerPool),
      NamespaceController(context: context, certificateAuthority: configuration.certificateAuthority),
      NodeCIDRController(context: context, networks: configuration.podNetworks),
      ServiceCIDRController(context: context),
      NodeLifecycleController(context: context, configuration: configuration.nodeLifecycle),
      PodCollector(context: context),
      ClusterRoleController(context: context),
      StorageProtectionController(context: context),
      DisruptionController(context: context),
      // Last: of the kinds that the others follow it takes what they keep.
      GarbageCollector(context: context),
    ]
  }
}
