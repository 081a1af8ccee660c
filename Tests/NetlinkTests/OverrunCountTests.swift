import Testing

@testable import Netlink

@Suite struct OverrunCountTests {
  @Test func whatTheSocketCountedIsKnown() {
    var count = OverrunCount()
    #expect(count.take(drops: 0, hasFailed: false).isEmpty)
    let loss = count.take(drops: 7, hasFailed: true)
    #expect(loss.overrun == 7 && loss.uncounted == 0)
    // More of the same, of which the error does not come again.
    #expect(count.take(drops: 9, hasFailed: false).overrun == 2)
    #expect(count.take(drops: 9, hasFailed: false).isEmpty)
  }

  @Test func anErrorThatComesAfterItsCountIsNoLossOfItsOwn() {
    var count = OverrunCount()
    #expect(count.take(drops: 3, hasFailed: false).overrun == 3)
    #expect(count.take(drops: 3, hasFailed: true).isEmpty)
  }

  @Test func anErrorWithoutACountIsALossOfUnknownSize() {
    var count = OverrunCount()
    for drops: UInt32? in [0, nil] {
      let loss = count.take(drops: drops, hasFailed: true)
      #expect(loss.uncounted == 1 && loss.overrun == 0 && !loss.isEmpty)
    }
    #expect(count.take(drops: 4, hasFailed: true).overrun == 4)
    #expect(count.take(drops: 4, hasFailed: true).uncounted == 1)
  }

  @Test func theCountMayOverflow() {
    var count = OverrunCount()
    _ = count.take(drops: .max, hasFailed: false)
    #expect(count.take(drops: 1, hasFailed: true).overrun == 2)
  }
}
