internal import Netlink

extension NetlinkWriter {
  /// A message with `struct nfgenmsg` of `linux/netfilter/nfnetlink.h` behind its header.
  mutating func netfilterMessage(
    _ type: UInt16, _ flags: NetlinkFlags, family: UInt8, resource: UInt16 = 0,
    _ body: (inout NetlinkWriter) -> Void
  ) {
    message(type, flags) { writer in
      writer.u8(family)
      writer.u8(0)  // NFNETLINK_V0
      writer.u16(resource.bigEndian)
      body(&writer)
    }
  }

  mutating func words(_ type: UInt16, _ words: RegisterWords) {
    attribute(type) { writer in
      for index in 0..<words.count { writer.u32(words[index]) }
    }
  }
}
