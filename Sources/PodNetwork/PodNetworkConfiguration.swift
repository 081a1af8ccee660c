package import NetworkTypes
package import RoutePlan

/// How the pod network of one node is set up.
package struct PodNetworkConfiguration: Sendable {
  package var plan: RoutePlan.Configuration
  /// Where the CNI plugin finds us, when no listening socket is handed over.
  package var socketPath = "/run/switchboard/cni.sock"
  /// Written once the node can attach pods; `nil`: somebody else configures the container runtime.
  package var conflistPath: String?
  /// MTU of pods' links; `nil`: what fits the interface with the node's address, and a tunnel where there is one.
  package var mtu: UInt32?
  /// MTU of an interface whose own is not known.
  static let usualMTU: UInt32 = 1500
  /// How long an address rests before another pod gets it.
  package var addressRest: Duration = .seconds(120)
  /// Whether connections that policies come to forbid are cut: the kernel then takes up none in its midst.
  package var cutsFlows = true
  /// How often the kernel's state is compared with the plan, for what others changed.
  package var repairInterval: Duration = .seconds(30)

  package init(nodeName: String, clusterCIDRs: [CIDR], serviceCIDRs: [CIDR]) {
    plan = RoutePlan.Configuration(nodeName: nodeName, clusterCIDRs: clusterCIDRs, serviceCIDRs: serviceCIDRs)
  }

  /// The families that pods and Services of the cluster have.
  var families: Set<IPAddress.Family> { Set((plan.clusterCIDRs + plan.serviceCIDRs).map(\.family)) }
}
