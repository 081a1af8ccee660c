package import NetworkTypes

extension ServicePlan {
  package struct Configuration: Hashable, Sendable {
    /// The node the rules are for.
    package var nodeName: String
    /// One plan serves one family.
    package var family: IPAddress.Family
    /// Where the kernel cannot translate SCTP, its Service ports are refused at once.
    package var carriesSCTP: Bool
    /// Blocks that Services' addresses come from, to which ServiceCIDRs add.
    package var serviceBlocks: [CIDR]
    /// Addresses inside the Service blocks that are answered for on every node, whatever Services say.
    package var exemptAddresses: Set<IPAddress>

    package init(
      nodeName: String, family: IPAddress.Family = .v4, carriesSCTP: Bool = true, serviceBlocks: [CIDR] = [],
      exemptAddresses: Set<IPAddress> = []
    ) {
      self.nodeName = nodeName
      self.family = family
      self.carriesSCTP = carriesSCTP
      self.serviceBlocks = serviceBlocks
      self.exemptAddresses = exemptAddresses
    }
  }
}
