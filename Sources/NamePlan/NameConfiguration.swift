package import NetworkTypes

/// What the names of a cluster depend on besides its objects.
package struct NameConfiguration: Sendable {
  /// The cluster domain.
  package var zone = DNSName(checked: [7] + Array("cluster".utf8) + [5] + Array("local".utf8) + [0])
  /// Seconds an answer may be remembered; CoreDNS' default.
  package var ttl: UInt32 = 5
  package var negativeTTL: UInt32 = 5
  /// Where the server answers: the addresses of `ns.dns` in the zone.
  package var serverAddresses: [IPAddress] = []
  /// The cluster's own blocks (Services, pods): an address in them that nobody has is no question for other servers.
  package var localBlocks: [CIDR] = []

  package init() {}
}
