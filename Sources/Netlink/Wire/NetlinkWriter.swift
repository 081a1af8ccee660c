package import NetworkTypes

/// Flags of a netlink message header (linux/netlink.h).
package struct NetlinkFlags: OptionSet, Sendable, Hashable {
  package let rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }

  package static let request = NetlinkFlags(rawValue: 0x1)
  package static let multi = NetlinkFlags(rawValue: 0x2)
  package static let acknowledge = NetlinkFlags(rawValue: 0x4)
  package static let echo = NetlinkFlags(rawValue: 0x8)
  package static let dumpInterrupted = NetlinkFlags(rawValue: 0x10)
  package static let dump = NetlinkFlags(rawValue: 0x300)
  package static let replace = NetlinkFlags(rawValue: 0x100)
  package static let exclusive = NetlinkFlags(rawValue: 0x200)
  package static let create = NetlinkFlags(rawValue: 0x400)
  package static let append = NetlinkFlags(rawValue: 0x800)
}

/// Writes netlink messages with nested attributes into one buffer, for rtnetlink and nfnetlink alike.
///
/// Messages are numbered from 0 in the order written; the socket turns that into sequence numbers when it sends.
package struct NetlinkWriter: Sendable {
  package private(set) var bytes: [UInt8] = []
  /// Where each message begins.
  private(set) var offsets: [Int] = []

  package init(reservingCapacity capacity: Int = 512) { bytes.reserveCapacity(capacity) }

  package var messageCount: Int { offsets.count }
  package var isEmpty: Bool { offsets.isEmpty }

  /// Appends a message: header, then what `body` writes, padded to four bytes. Returns its number.
  @discardableResult
  package mutating func message(
    _ type: UInt16, _ flags: NetlinkFlags, _ body: (inout NetlinkWriter) -> Void
  ) -> Int {
    let start = bytes.count
    offsets.append(start)
    u32(0)
    u16(type)
    u16(flags.rawValue)
    u32(0)  // Sequence number: the socket's business.
    u32(0)  // Port id of the sender: the kernel fills it in.
    body(&self)
    patch(UInt32(bytes.count - start), at: start)
    pad()
    return offsets.count - 1
  }

  /// Appends an attribute made of attributes. `body` must stay below 64 KiB: the length field has 16 bits.
  package mutating func nested(_ type: UInt16, _ body: (inout NetlinkWriter) -> Void) {
    let start = bytes.count
    u16(0)
    u16(type | 0x8000)  // NLA_F_NESTED
    body(&self)
    finishAttribute(start)
  }

  /// Appends an attribute whose payload `body` writes byte by byte.
  package mutating func attribute(_ type: UInt16, _ body: (inout NetlinkWriter) -> Void) {
    let start = bytes.count
    u16(0)
    u16(type)
    body(&self)
    finishAttribute(start)
    pad()
  }

  package mutating func attribute(_ type: UInt16, _ payload: some Collection<UInt8>) {
    attributeHeader(type, payload.count)
    bytes.append(contentsOf: payload)
    pad()
  }

  package mutating func attribute(_ type: UInt16, _ address: IPAddress) {
    attributeHeader(type, address.family.bits / 8)
    append(address)
  }

  /// A string with its terminating zero.
  package mutating func string(_ type: UInt16, _ text: String) {
    attributeHeader(type, text.utf8.count + 1)
    bytes.append(contentsOf: text.utf8)
    bytes.append(0)
    pad()
  }

  package mutating func flag(_ type: UInt16) { attributeHeader(type, 0) }

  package mutating func u8(_ type: UInt16, _ value: UInt8) {
    attributeHeader(type, 1)
    bytes.append(value)
    pad()
  }

  /// Host byte order, as rtnetlink wants scalars.
  package mutating func u16(_ type: UInt16, _ value: UInt16) {
    attributeHeader(type, 2)
    u16(value)
    pad()
  }

  package mutating func u32(_ type: UInt16, _ value: UInt32) {
    attributeHeader(type, 4)
    u32(value)
  }

  package mutating func u64(_ type: UInt16, _ value: UInt64) {
    attributeHeader(type, 8)
    u64(value)
  }

  /// Network byte order, as nfnetlink wants scalars.
  package mutating func be16(_ type: UInt16, _ value: UInt16) { u16(type, value.bigEndian) }
  package mutating func be32(_ type: UInt16, _ value: UInt32) { u32(type, value.bigEndian) }
  package mutating func be64(_ type: UInt16, _ value: UInt64) { u64(type, value.bigEndian) }

  // Bare fields, for the fixed headers and packed payloads.
  package mutating func u8(_ value: UInt8) { bytes.append(value) }
  package mutating func u16(_ value: UInt16) { withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) } }
  package mutating func u32(_ value: UInt32) { withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) } }
  package mutating func u64(_ value: UInt64) { withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) } }
  package mutating func append(_ payload: some Sequence<UInt8>) { bytes.append(contentsOf: payload) }

  /// The address in network order.
  package mutating func append(_ address: IPAddress) {
    if address.family == .v4 {
      u32(UInt32(truncatingIfNeeded: address.value).bigEndian)
    } else {
      withUnsafeBytes(of: address.value.bigEndian) { bytes.append(contentsOf: $0) }
    }
  }

  package mutating func pad() { while bytes.count & 3 != 0 { bytes.append(0) } }

  private mutating func attributeHeader(_ type: UInt16, _ count: Int) {
    precondition(count <= 0xffff - 4, "netlink attribute \(type) of \(count) bytes; split it")
    u16(UInt16(4 + count))
    u16(type)
  }

  private mutating func finishAttribute(_ start: Int) {
    let count = bytes.count - start
    precondition(count <= 0xffff, "netlink attribute of \(count) bytes; split it over messages")
    bytes[start] = UInt8(truncatingIfNeeded: count)
    bytes[start + 1] = UInt8(truncatingIfNeeded: count >> 8)
    if Int(littleEndian: 1) != 1 { bytes.swapAt(start, start + 1) }
  }

  private mutating func patch(_ value: UInt32, at offset: Int) {
    withUnsafeBytes(of: value) { bytes.replaceSubrange(offset..<offset + 4, with: $0) }
  }

  /// The buffer with message n carrying sequence number `first` + n.
  mutating func number(from first: UInt32) {
    for (index, offset) in offsets.enumerated() { patch(first &+ UInt32(index), at: offset + 8) }
  }

  /// The numbers of the messages that ask for an acknowledgement.
  var acknowledged: [Int] {
    offsets.indices.filter { bytes[offsets[$0] + 6] & UInt8(NetlinkFlags.acknowledge.rawValue) != 0 }
  }
}
