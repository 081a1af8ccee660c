package import LinuxKernel
package import NetworkTypes
internal import PolicyPlan

extension PolicyEnforcer {
  package struct Configuration: Sendable {
    package var nodeName: String
    package var families = IPAddress.Family.allCases
    /// Where the cluster's names are answered.
    package var nameServerAddresses: [IPAddress]
    package var tableName = "switchboard-policies"
    /// Whether flows that a change forbids are cut; without it they live as long as both ends want.
    package var cutsFlows = true
    /// How long a verdict has to stand before flows are cut by it: replacing a policy cuts nothing.
    package var settlingTime = Duration.seconds(1)
    /// How often it is seen to that the kernel still has the table, and how soon it is tried again to hear of connections.
    package var checkInterval = Duration.seconds(10)
    /// The NFLOG group that is told of packets that policies deny, where the kernel can (`NFTFeatures.probeLog`).
    package var logGroup: UInt16?
    /// The network namespace to work in; `nil`: the process's own.
    package var namespace: NetworkNamespace?

    package init(nodeName: String, nameServerAddresses: [IPAddress] = []) {
      self.nodeName = nodeName
      self.nameServerAddresses = nameServerAddresses
    }

    func plan(_ family: IPAddress.Family) -> PolicyPlan.Configuration {
      PolicyPlan.Configuration(nodeName: nodeName, family: family, nameServerAddresses: nameServerAddresses)
    }
  }
}
