/// One instruction of a rule. A rule runs its instructions in order and ends at the first that does not match.
package enum RuleExpression: Hashable, Sendable {
  /// Bytes of the packet; `offset` counts from the start of the header.
  case payload(PacketHeader, offset: UInt32, length: UInt32, into: Register)
  case meta(MetaKey, into: Register)
  case setMeta(MetaKey, from: Register)
  /// 1 where the interface the packet came in by has a route to its source, 0 where it has none. Before routing only.
  case routeToSource(into: Register)
  /// A field of the packet's connection; `direction` for those that differ between request and reply.
  case connection(ConnectionKey, ConnectionDirection?, into: Register)
  /// Goes on where the register compares so with the words.
  case compare(Register, Comparison, RegisterWords)
  /// `into = (register & mask) ^ flip`, as many words as `mask` has.
  case mask(Register, RegisterWords, flip: RegisterWords, into: Register)
  /// Goes on where the key is in the set, or is not with `inverted`.
  case member(of: String, key: Register, inverted: Bool)
  /// Goes on where the key is in the map, with its value.
  case lookup(String, key: Register, into: Register)
  /// Takes the verdict the map holds for the key; goes on where there is none.
  case lookupVerdict(String, key: Register)
  case load(RegisterWords, into: Register)
  case verdict(RuleVerdict)
  /// A random number below `modulus`.
  case random(modulus: UInt32, into: Register)
  case destinationNAT(Table.Family, address: Register, port: Register?)
  case sourceNAT(Table.Family, address: Register)
  case masquerade
  case reject(Rejection)
  /// Changes an element of a map from within the packet path; a full map ends the rule.
  case update(DynamicUpdate)
  case counter
  /// Goes on for so many packets a second, and for `burst` more at once after a while with fewer.
  case limit(perSecond: UInt64, burst: UInt32)
  /// Hands a copy of the packet to whoever reads the group, or to nobody.
  case log(PacketLogging)
}

/// A `log` instruction towards an NFLOG group. The kernel refuses it (ENOENT) where it has no `nfnetlink_log`.
package struct PacketLogging: Hashable, Sendable {
  package let group: UInt16
  /// Comes with the packet: 127 bytes at most.
  package let prefix: String
  /// How many bytes of the packet come along, from the network header on.
  package let length: UInt32

  package init(group: UInt16, prefix: String, length: UInt32) {
    self.group = group
    self.prefix = prefix
    self.length = length
  }
}

/// `enum nft_payload_bases`.
package enum PacketHeader: UInt32, Hashable, Sendable {
  case link = 0
  case network = 1
  case transport = 2
}

/// `enum nft_meta_keys`, those in use.
package enum MetaKey: UInt32, Hashable, Sendable {
  case mark = 3
  case inputInterface = 4
  case outputInterface = 5
  /// 16 bytes, filled with zeros.
  case inputInterfaceName = 6
  case outputInterfaceName = 7
  case transportProtocol = 16

  /// Registers it fills.
  package var words: Int { self == .inputInterfaceName || self == .outputInterfaceName ? 4 : 1 }
}

/// `enum nft_ct_keys`, those in use.
package enum ConnectionKey: UInt32, Hashable, Sendable {
  case state = 0
  case direction = 1
  /// `IPS_*` bits of `linux/netfilter/nf_conntrack_common.h`, in host order.
  case status = 2
  case mark = 3
  case sourcePort = 11
  case destinationPort = 12
  case sourceIPv4 = 19
  case destinationIPv4 = 20
  case sourceIPv6 = 21
  case destinationIPv6 = 22
}

package enum ConnectionDirection: UInt8, Hashable, Sendable {
  case original = 0
  case reply = 1
}

/// `enum nft_cmp_ops`, those in use.
package enum Comparison: UInt32, Hashable, Sendable {
  case equal = 0
  case notEqual = 1
}

package enum Rejection: Hashable, Sendable {
  case tcpReset
  /// ICMP or ICMPv6 destination unreachable with this code.
  case unreachable(code: UInt8)
}

/// A `dynset` instruction.
package struct DynamicUpdate: Hashable, Sendable {
  /// `enum nft_dynset_ops`.
  package enum Action: UInt32, Hashable, Sendable {
    case add = 0
    /// Adds, or refreshes the timeout of the element that is there; its value stays.
    case update = 1
    case delete = 2
  }

  package let set: String
  package let action: Action
  package let key: Register
  /// Where the value is. The kernel wants it for maps even when an element is deleted.
  package let data: Register?
  package let timeout: Duration?

  package init(_ set: String, _ action: Action, key: Register, data: Register?, timeout: Duration? = nil) {
    self.set = set
    self.action = action
    self.key = key
    self.data = data
    self.timeout = timeout
  }
}
