import Netlink
import NetworkTypes
import Testing

@testable import AddressAnnouncer

@Suite struct HeartbeatTests {
  private let sample = Heartbeat(
    node: "node-1", isCandidate: true, interval: .milliseconds(150),
    links: [CIDR("172.30.0.0/24")!, CIDR("fd53:7762::/64")!])

  @Test func whatIsWrittenIsRead() {
    #expect(Heartbeat(sample.bytes) == sample)
    var other = sample
    other.isCandidate = false
    other.links = []
    #expect(Heartbeat(other.bytes) == other)
  }

  @Test func theLargestFitsIntoItsBound() {
    let large = Heartbeat(
      node: String(repeating: "n", count: 253), isCandidate: true, interval: .seconds(1),
      links: (0..<40).map { CIDR(IPAddress(family: .v6, value: UInt128($0) << 64), prefixLength: 64)! })
    #expect(large.bytes.count <= Heartbeat.mostBytes)
    #expect(Heartbeat(large.bytes)?.links.count == Heartbeat.mostLinks)
  }

  @Test func anythingElseIsNone() {
    let bytes = sample.bytes
    for count in 0..<bytes.count { #expect(Heartbeat(Array(bytes.prefix(count))) == nil) }
    #expect(Heartbeat(bytes + [0]) == nil)
    var version = bytes
    version[3] = 2
    #expect(Heartbeat(version) == nil)
    var hurry = bytes
    (hurry[5], hurry[6]) = (0, 0)
    #expect(Heartbeat(hurry) == nil)
  }

  /// Bytes from the network, a few of them changed: they are refused or read, and what is read can be written.
  @Test func changedBytesDoNoHarm() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      var bytes = sample.bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
      }
      guard let heartbeat = Heartbeat(bytes) else { continue }
      #expect(heartbeat.links.count <= Heartbeat.mostLinks && heartbeat.interval > .zero)
    }
  }

  @Test func manyPeersAreToldLessOften() {
    let configuration = AddressAnnouncer.Configuration(nodeName: "node-1")
    #expect(configuration.interval(peers: 0) == .milliseconds(150))
    #expect(configuration.interval(peers: 64) == .milliseconds(150))
    #expect(configuration.interval(peers: 199) == .milliseconds(600))
  }
}

@Suite struct AddressFrameTests {
  private let hardware = MACAddress([2, 0, 0, 0, 0, 9])

  @Test func arpSaysWhereAnAddressIs() {
    let frames = AddressFrame.announcements(of: IPAddress("192.0.2.7")!, at: hardware)
    #expect(
      frames[0] == [
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 9, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 9, 192, 0,
        2, 7, 0, 0, 0, 0, 0, 0, 192, 0, 2, 7,
      ])
    #expect(frames.count == 2 && frames[1][21] == 2)
  }

  @Test func neighbourAdvertisementsHaveTheirChecksum() {
    let frame = AddressFrame.announcements(of: IPAddress("2001:db8::7")!, at: hardware)[0]
    #expect(frame.count == 14 + 40 + 32)
    // Summed up with its checksum a message gives nothing.
    let message = Array(frame[54...])
    let header = Array(frame[22..<54]) + [0, 0, 0, 32, 0, 0, 0, 58]
    #expect(AddressFrame.checksum(header + message) == 0)
    #expect(message[0] == 136 && message[4] == 0xa0 && Array(message[26...]) == hardware.bytes)
  }
}
