import NetworkTypes
import Testing

@testable import Netlink

private func hex(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

private func bytes(_ hex: String) -> [UInt8] {
  let digits = Array(hex.filter { !$0.isWhitespace })
  return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16)! }
}

@Suite struct NetlinkWriterTests {
  @Test func aRouteIsFramedAsTheKernelReadsIt() {
    var batch = RouteBatch()
    var route = Route(to: CIDR("10.244.1.0/24")!, via: IPAddress("172.30.0.12"), link: 3)
    route.source = IPAddress("172.30.0.11")
    batch.replace(route)
    // struct nlmsghdr: 60 bytes, RTM_NEWROUTE, request | ack | replace | create.
    #expect(hex(batch.bytes[..<16]) == "3c000000180005050000000000000000")
    // struct rtmsg: AF_INET, /24, main table through the attribute-less field, our origin, universe, unicast.
    #expect(Array(batch.bytes[16..<28]) == [2, 24, 0, 0, 254, 83, 0, 1, 0, 0, 0, 0])
    #expect(hex(batch.bytes[28...]) == "080001000af4010008000500ac1e000c080004000300000008000700ac1e000b")
  }

  @Test func aVethPairNamesBothEnds() {
    var batch = RouteBatch()
    batch.createVeth(.init(name: "a", mtu: 1500), peer: .init(name: "eth0", namespace: 9))
    let link = "00000000000000000000000000000000"
    #expect(
      hex(batch.bytes[16...])
        == link + "0600030061000000" + "08000400dc050000" + "3c001280" + "0900010076657468" + "00000000"
        + "2c000280" + "28000180" + link + "0900030065746830" + "00000000" + "08001c0009000000")
    #expect(Int(batch.bytes[0]) == batch.bytes.count)
  }

  @Test func scalarsAndPadding() {
    var writer = NetlinkWriter()
    writer.message(7, [.request]) { writer in
      writer.u8(1, 0xab)
      writer.be16(2, 80)
      writer.be32(3, 6)
      writer.flag(4)
      writer.attribute(5, IPAddress("fd00::1")!)
    }
    #expect(
      hex(writer.bytes[16...])
        == "05000100ab000000" + "0600020000500000" + "0800030000000006" + "04000400"
        + "14000500fd000000000000000000000000000001")
  }
}

@Suite struct NetlinkReaderTests {
  @Test func aLinkIsRead() throws {
    // A veth as listed by Linux: index 7, up and running, name, MTU, peer and kind.
    let payload = bytes(
      """
      00000100 07000000 43100100 00000000
      0a000300 76657468 30000000 08000400 dc050000 08000500 02000000
      0a000100 0a580af4 01020000 10001280 09000100 76657468 00000000
      """)
    let link = try Link(NetlinkMessage(type: 16, flags: [], sequence: 1, payload: payload[...]))
    #expect(link.name == "veth0" && link.index == 7 && link.mtu == 1500 && link.kind == "veth")
    #expect(link.peerIndex == 2 && link.isUp && link.isRunning)
    #expect(link.address.description == "0a:58:0a:f4:01:02")
  }

  @Test func aRouteComesBackAsWritten() throws {
    var route = Route(to: CIDR("10.244.1.7/32")!, link: 12)
    route.source = IPAddress("172.30.0.11")
    route.mtu = 1450
    route.priority = 5
    var writer = NetlinkWriter()
    writer.message(24, [.request], route.write)
    let message = try NetlinkMessage.parse(writer.bytes[...])[0]
    #expect(try Route(message) == route)
  }

  @Test func shortAndLyingLengthsAreRefused() {
    for text in ["00", "10000000", "0f000000180000000000000000000000", "20000000180000000000000000000000"] {
      #expect(throws: NetlinkError.self) { try NetlinkMessage.parse(bytes(text)[...]) }
    }
    for text in ["0300010000000000", "ff00010000000000"] {
      #expect(throws: NetlinkError.self) { try NetlinkAttribute.parse(bytes(text)[...]) }
    }
  }

  @Test func noBytesCrashTheReaders() {
    // Deterministic noise over a valid message: every single-byte change must be read or refused.
    var writer = NetlinkWriter()
    writer.message(24, [.request], Route(to: CIDR("10.0.0.0/8")!, via: IPAddress("10.1.1.1"), link: 1).write)
    let valid = writer.bytes
    for position in valid.indices {
      for value in [0, 1, 3, 0x7f, 0x80, 0xff] as [UInt8] {
        var broken = valid
        broken[position] = value
        for message in (try? NetlinkMessage.parse(broken[...])) ?? [] {
          _ = try? Route(message)
          _ = try? Link(message)
          _ = try? InterfaceAddress(message)
          _ = try? Neighbour(message)
          _ = try? RoutingRule(message)
        }
      }
    }
  }
}
