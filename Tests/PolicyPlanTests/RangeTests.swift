import NetworkTypes
import PolicyPlan
import Testing

@Suite struct RangeTests {
  @Test func exceptionsLeaveHolesAndOverlapsJoin() throws {
    let block = try #require(CIDR("10.0.0.0/24"))
    let ranges = AddressRanges(
      .v4, block, except: try ["10.0.0.0/30", "10.0.0.2/31", "10.0.0.128/25"].map { try #require(CIDR($0)) })
    #expect(ranges.ranges == [IPAddress("10.0.0.4")!.value...IPAddress("10.0.0.127")!.value])
    #expect(AddressRanges(.v4, block, except: [block]).isEmpty)
    #expect(AddressRanges(.v6, block).isEmpty)
    let next = try #require(CIDR("10.0.1.0/24"))
    #expect(AddressRanges(.v4, unionOf: [AddressRanges(.v4, next), AddressRanges(.v4, block)]).ranges.count == 1)
  }

  @Test func theWholeOfVersion6HasAnEnd() throws {
    let all = AddressRanges(.v6, try #require(CIDR("::/0")))
    let half = AddressRanges(.v6, try #require(CIDR("::/0")), except: [try #require(CIDR("8000::/1"))])
    #expect(AddressRanges(.v6, unionOf: [all, half]) == all)
    #expect(half.ranges == [0...(UInt128.max >> 1)])
    #expect(all.contains(try #require(IPAddress("ffff::1"))))
  }

  @Test func portsJoinToTheLast() {
    let ports = PortRanges([
      (.tcp, 1...5), (.tcp, 6...7), (.udp, 5...5), (.tcp, 65_000...65_535), (.tcp, 65_535...65_535),
    ])
    #expect(ports.ranges[.tcp] == [1...7, 65_000...65_535])
    #expect(ports.contains(.udp, 5) && !ports.contains(.udp, 6) && !ports.contains(.sctp, 5))
  }
}
