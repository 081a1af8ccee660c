import Netlink
import NetworkTypes
import Testing

@testable import PacketLog

/// Messages of the log as bytes, without a kernel.
@Suite struct LoggedPacketTests {
  /// A TCP packet from 10.244.1.2:40000 to 10.244.2.3:8080.
  private static let packet: [UInt8] =
    [0x45, 0, 0, 60, 0, 1, 0x40, 0, 64, 6, 0, 0, 10, 244, 1, 2, 10, 244, 2, 3, 0x9c, 0x40, 0x1f, 0x90]

  private static func message(
    group: UInt16 = 5, seconds: UInt64? = 1_700_000_000, _ payload: [UInt8]? = packet
  ) -> [UInt8] {
    var writer = NetlinkWriter()
    writer.message(4 << 8, []) { writer in
      writer.append([2, 0])
      writer.u16(group.bigEndian)
      writer.attribute(1, [8, 0, 2, 0] as [UInt8])
      if let seconds {
        writer.attribute(3) { writer in
          writer.u64(seconds.bigEndian)
          writer.u64(UInt64(250_000).bigEndian)
        }
      }
      writer.be32(4, 7)
      if let payload { writer.attribute(9, payload) }
      writer.string(10, "a mark")
    }
    return writer.bytes
  }

  private static func read(_ bytes: [UInt8]) throws -> LoggedPacket? {
    try LoggedPacket(try #require(try NetlinkMessage.parse(bytes[...]).first), group: 5, seenAt: 9)
  }

  @Test func aPacketComesWithItsMarkItsTimeAndItsEnds() throws {
    let packet = try #require(try Self.read(Self.message()))
    #expect(packet.prefix == "a mark" && packet.inputInterface == 7 && packet.outputInterface == nil)
    #expect(packet.seenAt == 1_700_000_000_250_000_000)
    #expect(packet.headers.content == .ports(.tcp, source: 40_000, destination: 8080) && packet.flow == nil)
    #expect(try Self.read(Self.message(seconds: nil))?.seenAt == 9)
    #expect(try Self.read(Self.message(seconds: .max))?.seenAt == 9, "no time that could be")
  }

  @Test func anotherGroupsIsOfNoInterest() throws { #expect(try Self.read(Self.message(group: 6)) == nil) }

  @Test func oneWithoutBytesIsRefused() {
    #expect(throws: NetlinkError.self) { try Self.read(Self.message(nil)) }
    #expect(throws: NetlinkError.self) { try Self.read(Self.message([0x45])) }
  }

  /// Whatever bytes come, they are read or refused.
  @Test func everyByteIsSurvived() throws {
    let message = Self.message()
    for index in 16..<message.count {
      for value in [UInt8(0), 1, 0x7f, 0xff] {
        var changed = message
        changed[index] = value
        if let part = try? NetlinkMessage.parse(changed[...]).first {
          _ = try? LoggedPacket(part, group: 5, seenAt: 0)
        }
      }
    }
  }
}
