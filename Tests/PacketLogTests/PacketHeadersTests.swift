import Netlink
import NetworkTypes
import Testing

@testable import PacketLog

@Suite struct PacketHeadersTests {
  private static func bytes(_ hex: String) -> [UInt8] {
    let digits = Array(hex.filter { !$0.isWhitespace })
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16)! }
  }

  /// From 10.244.1.2 to 10.244.2.3.
  private static func v4(_ number: String, header: String = "45", fragment: String = "4000", _ rest: String) -> [UInt8]
  {
    bytes(header + "00003c0001" + fragment + "40" + number + "0000" + "0af40102" + "0af40203" + rest)
  }

  private static let source6 = "fd000000000000000000000000000001"
  private static let target6 = "fd000000000000000000000000000002"

  private static func v6(_ next: String, _ rest: String) -> [UInt8] {
    bytes("600000000020" + next + "40" + source6 + target6 + rest)
  }

  @Test func portsAreReadBehindTheHeaderAndItsOptions() throws {
    let plain = try PacketHeaders(parsing: Self.v4("06", "9c401f90")[...])
    #expect(plain.source == IPAddress("10.244.1.2") && plain.destination == IPAddress("10.244.2.3"))
    #expect(plain.content == .ports(.tcp, source: 40_000, destination: 8080))
    let options = try PacketHeaders(parsing: Self.v4("11", header: "46", "01010101" + "00350036")[...])
    #expect(options.content == .ports(.udp, source: 53, destination: 54))
    #expect(
      try PacketHeaders(parsing: Self.v4("84", "00350036")[...]).content == .ports(.sctp, source: 53, destination: 54))
  }

  @Test func whatHasNoPortsKeepsItsProtocol() throws {
    #expect(try PacketHeaders(parsing: Self.v4("01", "0800f7ff")[...]).content == .control(type: 8, code: 0))
    #expect(try PacketHeaders(parsing: Self.v4("2f", "00000800")[...]).content == .other(47))
    // A later fragment begins with anything; and a header may not have come along.
    #expect(try PacketHeaders(parsing: Self.v4("06", fragment: "0010", "9c401f90")[...]).content == .other(6))
    #expect(try PacketHeaders(parsing: Self.v4("06", "9c40")[...]).content == .other(6))
    #expect(try PacketHeaders(parsing: Self.v4("06", header: "4f", "9c401f90")[...]).content == .other(6))
  }

  @Test func extensionHeadersOfIPv6AreWalkedThrough() throws {
    let plain = try PacketHeaders(parsing: Self.v6("11", "00350036")[...])
    #expect(plain.source == IPAddress("fd00::1") && plain.destination == IPAddress("fd00::2"))
    #expect(plain.content == .ports(.udp, source: 53, destination: 54))
    // Hop-by-hop of 8 bytes, routing of 16, first fragment, then TCP.
    let long = "2b00000000000000" + "2c01000000000000" + "0000000000000000" + "0600000100000007" + "9c401f90"
    #expect(
      try PacketHeaders(parsing: Self.v6("00", long)[...]).content == .ports(.tcp, source: 40_000, destination: 8080))
    #expect(try PacketHeaders(parsing: Self.v6("2c", "0600000900000007" + "9c401f90")[...]).content == .other(6))
    #expect(try PacketHeaders(parsing: Self.v6("3a", "8000")[...]).content == .control(type: 128, code: 0))
    // A header that says it is longer than what came along.
    #expect(try PacketHeaders(parsing: Self.v6("00", "06ff000000000000")[...]).content == .other(6))
  }

  @Test func whatIsNoPacketIsRefused() {
    let packets = [[], [0x45], [0x41] + [UInt8](repeating: 0, count: 40), [0x60, 0, 0], [0x10, 0]]
    for packet in packets {
      #expect(throws: NetlinkError.self) { try PacketHeaders(parsing: packet[...]) }
    }
  }

  /// Whatever bytes come, they are read or refused.
  @Test func everyCutIsSurvived() {
    for packet in [Self.v4("06", header: "46", "01010101" + "00350036"), Self.v6("00", "2b000000000000002c01")] {
      for length in 0...packet.count { _ = try? PacketHeaders(parsing: packet[..<length]) }
      for index in packet.indices {
        for value in [UInt8(0), 0x7f, 0xff] {
          var changed = packet
          changed[index] = value
          _ = try? PacketHeaders(parsing: changed[...])
        }
      }
    }
  }
}
