import NetworkTypes
import Testing

@testable import APIServer

/// The same numbers at each run.
private struct Dice: RandomNumberGenerator {
  var state: UInt64 = 1

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state
  }
}

@Suite struct AddressRunsTests {
  @Test func itIsASet() {
    var runs = AddressRuns()
    var plain: Set<UInt128> = []
    var dice = Dice()
    for _ in 0..<4_000 {
      let value = UInt128.random(in: 0..<64, using: &dice)
      if Bool.random(using: &dice) {
        #expect(runs.insert(value) == plain.insert(value).inserted)
      } else {
        runs.remove(value)
        plain.remove(value)
      }
      let start = UInt128.random(in: 10...50, using: &dice)
      let gap = (Array(start...50) + Array(10..<start)).first { !plain.contains($0) }
      #expect(runs.firstGap(in: 10...50, from: start) == gap)
    }
    for value: UInt128 in 0..<64 { #expect(runs.contains(value) == plain.contains(value)) }
  }

  @Test func whatIsFilledAndEmptiedIsAsBefore() {
    var runs = AddressRuns()
    for value: UInt128 in [4, 2, 3, 9, 1] { runs.insert(value) }
    for value: UInt128 in [3, 9, 1, 2, 4] { runs.remove(value) }
    #expect(runs == AddressRuns())
  }
}

@Suite struct ServiceBlockTests {
  private func bounds(_ text: String) throws -> [String?] {
    let cidr = try #require(CIDR(text))
    guard let block = ServiceBlock(cidr) else { return [] }
    func ends(_ range: ClosedRange<UInt128>?) -> String? {
      range.map {
        "\(IPAddress(family: cidr.family, value: $0.lowerBound))-\(IPAddress(family: cidr.family, value: $0.upperBound))"
      }
    }
    return [ends(block.fixed), ends(block.dynamic)]
  }

  /// As upstream's KEP-3070 tells: the band is min(max(16, size/16), 256).
  @Test func bands() throws {
    #expect(try bounds("10.96.0.0/24") == ["10.96.0.1-10.96.0.16", "10.96.0.17-10.96.0.254"])
    #expect(try bounds("10.96.0.0/20") == ["10.96.0.1-10.96.1.0", "10.96.1.1-10.96.15.254"])
    #expect(try bounds("10.96.0.0/12") == ["10.96.0.1-10.96.1.0", "10.96.1.1-10.111.255.254"])
    #expect(try bounds("10.96.0.0/28") == [nil, "10.96.0.1-10.96.0.14"])
    #expect(try bounds("fd00::/112") == ["fd00::1-fd00::100", "fd00::101-fd00::ffff"])
    #expect(try bounds("fd00::/64") == ["fd00::1-fd00::100", "fd00::101-fd00::ffff:ffff:ffff:ffff"])
  }

  @Test func someHaveNothingToGive() throws {
    for text in ["10.96.0.0/31", "10.96.0.0/32", "fd00::/128", "fd00::/63"] { #expect(try bounds(text).isEmpty) }
    #expect(try bounds("10.96.0.0/30") == [nil, "10.96.0.1-10.96.0.2"])
  }
}

@Suite struct ServiceAddressPoolTests {
  private func pool(_ ranges: [(String, [String])]) -> ServiceAddressPool {
    var pool = ServiceAddressPool()
    for (name, blocks) in ranges { pool.setRange(name, blocks.compactMap { CIDR($0) }) }
    return pool
  }

  @Test func everyAddressOfARangeIsGivenAndTheLowerOnesLast() throws {
    var pool = pool([("kubernetes", ["10.96.0.0/26"])])
    var dice = Dice()
    let given = try (0..<62).map { _ in try pool.takeAny(.v4, using: &dice) }
    let fixed = Set((1...16).map { IPAddress(v4: 10, 96, 0, $0) })
    #expect(Set(given).count == 62 && Set(given.suffix(16)) == fixed)
    #expect(throws: ServiceAddressPool.Refusal.self) { try pool.takeAny(.v4, using: &dice) }
    pool.release(given[7])
    let again = try pool.takeAny(.v4, using: &dice)
    #expect(again == given[7])
  }

  @Test func aFullRangeIsLeftQuickly() throws {
    var pool = pool([("kubernetes", ["10.96.0.0/16"])])
    var dice = Dice()
    for _ in 0..<65_534 { _ = try pool.takeAny(.v4, using: &dice) }
    let clock = ContinuousClock()
    let free = IPAddress(v4: 10, 96, 77, 7)
    let time = try clock.measure { () throws in
      for _ in 0..<2_000 {
        pool.release(free)
        let given = try pool.takeAny(.v4, using: &dice)
        #expect(given == free)
      }
    }
    // To look at every address would take half a minute.
    #expect(time < .seconds(2))
  }

  @Test func furtherRangesComeAfterTheFirst() throws {
    var pool = pool([("a", ["10.1.0.0/29"]), ("kubernetes", ["10.96.0.0/29"]), ("b", ["10.1.0.0/29", "fd00::/112"])])
    var dice = Dice()
    let given = try (0..<12).map { _ in try pool.takeAny(.v4, using: &dice) }
    #expect(given.prefix(6).allSatisfy { CIDR("10.96.0.0/29")!.contains($0) })
    #expect(given.suffix(6).allSatisfy { CIDR("10.1.0.0/29")!.contains($0) } && Set(given).count == 12)
    let other = try pool.takeAny(.v6, using: &dice)
    #expect(CIDR("fd00::/112")!.contains(other))
    // A block is there as long as one range has it.
    pool.setRange("a", [])
    pool.release(given[11])
    let same = try pool.takeAny(.v4, using: &dice)
    #expect(same == given[11])
    pool.release(given[11])
    pool.setRange("b", [])
    #expect(throws: ServiceAddressPool.Refusal.self) { try pool.takeAny(.v4, using: &dice) }
  }

  @Test func whyAnAddressCannotBeHad() throws {
    var pool = pool([("kubernetes", ["10.96.0.0/24"])])
    func refusal(_ text: String) -> String? {
      do {
        try pool.take(IPAddress(text)!)
        return nil
      } catch {
        return error.description
      }
    }
    #expect(refusal("10.96.0.5") == nil)
    #expect(refusal("10.96.0.5") == "provided IP is already allocated")
    #expect(refusal("10.97.0.5") == "the provided network does not match the current range")
    for text in ["10.96.0.0", "10.96.0.255"] {
      #expect(
        refusal(text)
          == "the provided IP (\(text)) is not in the valid range. The range of valid IPs is 10.96.0.0/24")
    }
    let reserved = ["192.0.2.1", "10.96.0.5", "10.96.0.6"].map { pool.reserve(IPAddress($0)!) }
    #expect(reserved == [true, false, true])
    pool.endReservation(IPAddress("10.96.0.5")!)
    #expect(refusal("10.96.0.5") == "provided IP is already allocated")
    #expect(refusal("10.96.0.6") == "provided IP is already allocated")
    pool.endReservation(IPAddress("10.96.0.6")!)
    #expect(refusal("10.96.0.6") == nil)
    // An object that was there before the Service's address is given back keeps it, and does not take it.
    pool.keep(IPAddress("10.96.0.5")!)
    pool.release(IPAddress("10.96.0.5")!)
    #expect(refusal("10.96.0.5") == "provided IP is already allocated")
    pool.endReservation(IPAddress("10.96.0.5")!)
    #expect(refusal("10.96.0.5") == nil)
    pool.keep(IPAddress("10.96.0.5")!)
    pool.endReservation(IPAddress("10.96.0.5")!)
    #expect(refusal("10.96.0.5") == "provided IP is already allocated")
  }
}

@Suite struct NodePortPoolTests {
  @Test func bands() {
    #expect(NodePortPool(range: 30000...32767).fixed == 30000...30085)
    #expect(NodePortPool(range: 30000...32767).dynamic == 30086...32767)
    #expect(NodePortPool(range: 30000...30015).fixed == nil)
    #expect(NodePortPool(range: 1...65535).fixed == 1...128)
  }

  @Test func everyPortIsGivenAndTheLowerOnesLast() throws {
    var pool = NodePortPool(range: 30000...30063)
    var dice = Dice()
    let given = try (0..<64).map { _ in try pool.takeAny(using: &dice) }
    #expect(Set(given) == Set(30000...30063) && Set(given.suffix(16)) == Set(30000...30015))
    #expect(throws: NodePortPool.Refusal.self) { try pool.takeAny(using: &dice) }
    pool.release(30050)
    try pool.take(30050)
    #expect(throws: NodePortPool.Refusal.self) { try pool.take(30050) }
  }
}
