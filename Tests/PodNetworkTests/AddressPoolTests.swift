import NetworkTypes
import Testing

@testable import PodNetwork

@Suite struct AddressPoolTests {
  private let block = CIDR("10.244.1.0/29")!
  private let start = ContinuousClock.now

  @Test func addressesGoRoundAndEndsAreLeftOut() {
    var pool = AddressPool()
    let chosen = (0..<8).map { _ in pool.next(in: block, now: start) { _ in false }!.description }
    #expect(
      chosen == [
        "10.244.1.1", "10.244.1.2", "10.244.1.3", "10.244.1.4", "10.244.1.5", "10.244.1.6", "10.244.1.1", "10.244.1.2",
      ])
  }

  @Test func whatIsTakenIsSkipped() {
    var pool = AddressPool()
    let taken: Set = [IPAddress("10.244.1.1")!, IPAddress("10.244.1.2")!]
    #expect(pool.next(in: block, now: start) { taken.contains($0) } == IPAddress("10.244.1.3"))
    #expect(pool.next(in: block, now: start) { _ in true } == nil)
  }

  @Test func aFreedAddressRests() {
    var pool = AddressPool(rest: .seconds(60))
    let first = IPAddress("10.244.1.1")!
    pool.release(first, now: start)
    #expect(pool.next(in: block, now: start + .seconds(1)) { _ in false } == IPAddress("10.244.1.2"))
    var later = AddressPool(rest: .seconds(60))
    later.release(first, now: start)
    #expect(later.next(in: block, now: start + .seconds(61)) { _ in false } == first)
  }

  @Test func restingAddressesServeWhenNothingElseIsLeft() {
    var pool = AddressPool(rest: .seconds(60))
    for number in 1...6 {
      pool.release(block.base.advanced(by: UInt128(number)), now: start + .seconds(number == 4 ? 0 : number))
    }
    #expect(pool.next(in: block, now: start + .seconds(7)) { _ in false } == IPAddress("10.244.1.4"))
  }

  @Test func afterARestartItGoesOnBehindTheLastLease() {
    var pool = AddressPool()
    pool.advance(in: block, past: IPAddress("10.244.1.3")!)
    pool.advance(in: block, past: IPAddress("10.244.1.2")!)
    #expect(pool.next(in: block, now: start) { _ in false } == IPAddress("10.244.1.4"))
  }

  @Test func hugeBlocksAreWalkedInPart() {
    #expect(AddressPool.usable(CIDR("fd00::/64")!) == 65_535)
    #expect(AddressPool.usable(CIDR("10.0.0.0/24")!) == 254)
    #expect(AddressPool.usable(CIDR("10.0.0.1/32")!) == 1)
  }
}

@Suite struct PodLinkTests {
  @Test func namesFitTheKernelAndDiffer() {
    let links = (0..<1000).map { PodLink(containerID: "\($0)", interfaceName: "eth0", podUID: "") }
    #expect(links.allSatisfy { $0.hostName.utf8.count == 15 && $0.hostName.hasPrefix("swb") })
    #expect(Set(links.map(\.hostName)).count == 1000)
  }

  @Test func anAliasIsReadBack() {
    let link = PodLink(containerID: "c1", interfaceName: "eth0", podUID: "u1")
    #expect(PodLink(alias: link.alias) == link)
    #expect(PodLink(alias: "somebody else's interface") == nil)
    #expect(PodLink(alias: PodLink(containerID: "c1", interfaceName: "eth0", podUID: "").alias)?.podUID == "")
  }
}
