internal import Netlink

/// Attribute numbers are those of the `NFTA_<INSTRUCTION>_*` enums in `linux/netfilter/nf_tables.h`.
extension RuleExpression {
  /// The kernel's name of the instruction.
  var kernelName: String {
    switch self {
    case .payload: "payload"
    case .meta, .setMeta: "meta"
    case .routeToSource: "fib"
    case .connection: "ct"
    case .compare: "cmp"
    case .mask: "bitwise"
    case .member, .lookup, .lookupVerdict: "lookup"
    case .load, .verdict: "immediate"
    case .random: "numgen"
    case .destinationNAT, .sourceNAT: "nat"
    case .masquerade: "masq"
    case .reject: "reject"
    case .update: "dynset"
    case .counter: "counter"
    case .limit: "limit"
    case .log: "log"
    }
  }

  func encode(into writer: inout NetlinkWriter) {
    writer.nested(Wire.ExpressionAttribute.listItem) { writer in
      writer.string(Wire.ExpressionAttribute.name, kernelName)
      writer.nested(Wire.ExpressionAttribute.data) { encodeContent(into: &$0) }
    }
  }

  private func encodeContent(into writer: inout NetlinkWriter) {
    switch self {
    case .payload(let header, let offset, let length, let into):
      writer.be32(1, into.number)
      writer.be32(2, header.rawValue)
      writer.be32(3, offset)
      writer.be32(4, length)
    case .meta(let key, let into):
      writer.be32(1, into.number)
      writer.be32(2, key.rawValue)
    case .setMeta(let key, let from):
      writer.be32(2, key.rawValue)
      writer.be32(3, from.number)
    case .routeToSource(let into):
      writer.be32(1, into.number)
      writer.be32(2, 1)  // NFT_FIB_RESULT_OIF
      writer.be32(3, 0x29)  // NFTA_FIB_F_SADDR, NFTA_FIB_F_IIF, NFTA_FIB_F_PRESENT
    case .connection(let key, let direction, let into):
      writer.be32(1, into.number)
      writer.be32(2, key.rawValue)
      if let direction { writer.u8(3, direction.rawValue) }
    case .compare(let register, let comparison, let words):
      writer.be32(1, register.number)
      writer.be32(2, comparison.rawValue)
      writer.nested(3) { $0.words(Wire.DataAttribute.value, words) }
    case .mask(let register, let mask, let flip, let into):
      writer.be32(1, register.number)
      writer.be32(2, into.number)
      writer.be32(3, UInt32(mask.byteCount))
      writer.nested(4) { $0.words(Wire.DataAttribute.value, mask) }
      writer.nested(5) { $0.words(Wire.DataAttribute.value, flip) }
    case .member, .lookup, .lookupVerdict: encodeLookup(into: &writer)
    case .load(let words, let into):
      writer.be32(1, into.number)
      writer.nested(2) { $0.words(Wire.DataAttribute.value, words) }
    case .verdict(let verdict):
      writer.be32(1, Wire.verdictRegister)
      writer.nested(2) { verdict.encode(into: &$0) }
    case .random(let modulus, let into):
      writer.be32(1, into.number)
      writer.be32(2, modulus)
      writer.be32(3, 1)  // NFT_NG_RANDOM
      writer.be32(4, 0)
    case .destinationNAT, .sourceNAT, .masquerade, .reject: encodeTarget(into: &writer)
    case .update(let update): update.encode(into: &writer)
    case .counter: break
    case .limit(let rate, let burst):
      writer.be64(1, rate)
      writer.be64(2, 1)  // NFTA_LIMIT_UNIT, in seconds
      writer.be32(3, burst)
      writer.be32(4, 0)  // NFT_LIMIT_PKTS
    case .log(let logging): logging.encode(into: &writer)
    }
  }

  private func encodeLookup(into writer: inout NetlinkWriter) {
    switch self {
    case .member(let set, let key, let inverted):
      writer.string(1, set)
      writer.be32(2, key.number)
      if inverted { writer.be32(5, 1) }  // NFT_LOOKUP_F_INV
    case .lookup(let map, let key, let into):
      writer.string(1, map)
      writer.be32(2, key.number)
      writer.be32(3, into.number)
    case .lookupVerdict(let map, let key):
      writer.string(1, map)
      writer.be32(2, key.number)
      writer.be32(3, Wire.verdictRegister)
    default: break
    }
  }

  private func encodeTarget(into writer: inout NetlinkWriter) {
    switch self {
    case .destinationNAT(let family, let address, let port):
      writer.be32(1, 1)  // NFT_NAT_DNAT
      writer.be32(2, UInt32(family.rawValue))
      writer.be32(3, address.number)
      if let port { writer.be32(5, port.number) }
    case .sourceNAT(let family, let address):
      writer.be32(1, 0)  // NFT_NAT_SNAT
      writer.be32(2, UInt32(family.rawValue))
      writer.be32(3, address.number)
    case .reject(.tcpReset):
      writer.be32(1, 1)  // NFT_REJECT_TCP_RST
      writer.u8(2, 0)
    case .reject(.unreachable(let code)):
      writer.be32(1, 0)  // NFT_REJECT_ICMP_UNREACH
      writer.u8(2, code)
    default: break
    }
  }
}

extension RuleVerdict {
  /// Written inside a data attribute.
  func encode(into writer: inout NetlinkWriter) {
    writer.nested(Wire.DataAttribute.verdict) { writer in
      writer.be32(Wire.DataAttribute.verdictCode, UInt32(bitPattern: code))
      if let chain { writer.string(Wire.DataAttribute.verdictChain, chain) }
    }
  }
}

extension PacketLogging {
  fileprivate func encode(into writer: inout NetlinkWriter) {
    writer.be16(1, group)
    writer.string(2, prefix)
    writer.be32(3, length)
    // NFTA_LOG_QTHRESHOLD: each packet is told at once. The group's limit says how many there are.
    writer.be16(4, 1)
  }
}

extension DynamicUpdate {
  fileprivate func encode(into writer: inout NetlinkWriter) {
    writer.string(1, set)
    writer.be32(3, action.rawValue)
    writer.be32(4, key.number)
    if let data { writer.be32(5, data.number) }
    if let timeout { writer.be64(6, timeout.wholeMilliseconds) }
  }
}

extension Duration {
  /// As the kernel takes timeouts.
  var wholeMilliseconds: UInt64 {
    let (seconds, attoseconds) = components
    return UInt64(max(0, seconds)) * 1000 + UInt64(max(0, attoseconds) / 1_000_000_000_000_000)
  }
}
