package import LinuxKernel
package import NetworkTypes

extension ServiceProxy {
  package struct Configuration: Sendable {
    /// The node this proxy serves, as the API names it.
    package var nodeName: String
    /// Blocks Services have their addresses from. Traffic to addresses there that belong to no Service is refused.
    package var serviceBlocks: [CIDR]
    /// Addresses inside the blocks that something on every node answers for: cluster DNS.
    package var exemptAddresses: Set<IPAddress>
    /// Name of the nftables table; one a family.
    package var tableName = "switchboard-services"
    /// Where load balancers outside ask for the node's health; `nil`: nowhere. Upstream's is 10256.
    package var healthPort: UInt16?
    /// When a health check port that was taken is tried again.
    package var healthRetryInterval = Duration.seconds(5)
    /// How often all UDP flows are compared with the endpoints in force.
    package var flowCheckInterval = Duration.seconds(10)
    /// Where to work; `nil` for this process's own network namespace.
    package var namespace: NetworkNamespace?

    package init(nodeName: String, serviceBlocks: [CIDR], exemptAddresses: Set<IPAddress> = []) {
      self.nodeName = nodeName
      self.serviceBlocks = serviceBlocks
      self.exemptAddresses = exemptAddresses
    }

    var families: Set<IPAddress.Family> { Set(serviceBlocks.map(\.family)) }
  }
}
