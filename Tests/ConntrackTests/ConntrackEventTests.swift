import Netlink
import NetworkTypes
import Testing

@testable import Conntrack

/// Events as bytes, without a kernel.
@Suite struct ConntrackEventTests {
  private static let client = SocketEndpoint(IPAddress(v4: 10, 244, 1, 2), 40_000)
  private static let service = SocketEndpoint(IPAddress(v4: 10, 96, 0, 7), 80)
  private static let endpoint = SocketEndpoint(IPAddress(v4: 10, 244, 2, 3), 8080)

  private static func event(_ type: UInt16, _ flags: NetlinkFlags = [], number: UInt8 = 6) -> [UInt8] {
    var writer = NetlinkWriter()
    writer.message(type, flags) { writer in
      writer.append([2, 0, 0, 0])
      for (attribute, from, to) in [(UInt16(1), client, service), (2, endpoint, client)] {
        writer.nested(attribute) { writer in
          writer.nested(1) { writer in
            writer.attribute(1, from.address)
            writer.attribute(2, to.address)
          }
          writer.nested(2) { writer in
            writer.u8(1, number)
            writer.be16(2, from.port)
            writer.be16(3, to.port)
          }
        }
      }
      writer.be32(3, 0x1a)
      writer.nested(4) { $0.nested(1) { $0.u8(1, 3) } }
      writer.nested(9) { writer in
        writer.be64(1, 2)
        writer.be64(2, 120)
      }
      writer.be32(12, 0xabcd)
    }
    return writer.bytes
  }

  private static func read(_ bytes: [UInt8]) throws -> ConntrackEvent? {
    let message = try #require(try NetlinkMessage.parse(bytes[...]).first)
    return try ConntrackEvent(message, seenAt: 9)
  }

  @Test func anEventSaysWhatHappenedToWhom() throws {
    let event = try #require(try Self.read(Self.event(1 << 8, [.create, .exclusive])))
    #expect(event.kind == .new && event.seenAt == 9)
    #expect(
      event.entry.flow
        == ConntrackFlow(
          .tcp, from: Self.client, to: Self.service, answerSource: Self.endpoint, answerDestination: Self.client))
    #expect(event.entry.id == 0xabcd && event.entry.isAnswered && event.entry.tcpState == .established)
    #expect(event.entry.sent == .init(packets: 2, bytes: 120) && event.entry.answered == nil)
    #expect(try Self.read(Self.event(1 << 8)) == nil, "what becomes of a connection in between")
    #expect(try Self.read(Self.event(1 << 8 | 2))?.kind == .destroyed)
  }

  @Test func whatIsOfNoInterestIsNoError() throws {
    #expect(try Self.read(Self.event(1 << 8, number: 1)) == nil, "ICMP has no ports")
    #expect(try Self.read(Self.event(10 << 8)) == nil, "of another subsystem")
  }

  /// Whatever bytes come, they are read or refused.
  @Test func everyCutAndEveryByteIsSurvived() throws {
    let event = Self.event(1 << 8, [.create])
    for length in 16..<event.count {
      var cut = Array(event[..<length])
      cut[0] = UInt8(length)
      if let message = try? NetlinkMessage.parse(cut[...]).first { _ = try? ConntrackEvent(message, seenAt: 0) }
    }
    for index in 16..<event.count {
      for value in [UInt8(0), 1, 0x7f, 0xff] {
        var changed = event
        changed[index] = value
        if let message = try? NetlinkMessage.parse(changed[...]).first { _ = try? ConntrackEvent(message, seenAt: 0) }
      }
    }
  }
}
