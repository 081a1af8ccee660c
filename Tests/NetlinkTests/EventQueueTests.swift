import Netlink
import Testing

@Suite struct EventQueueTests {
  @Test func whatIsTooMuchDisplacesTheOldest() async {
    let queue = EventQueue<Int>(capacity: 3)
    for number in 1...10 { queue.put([number]) }
    var batch = await queue.next()
    #expect(batch?.events == [8, 9, 10] && batch?.loss.displaced == 7)
    queue.put(Array(1...5))
    batch = await queue.next()
    #expect(batch?.events == [3, 4, 5] && batch?.loss.displaced == 2)
  }

  @Test func aLossIsToldWithoutAnEvent() async {
    let queue = EventQueue<Int>(capacity: 3)
    var loss = EventLoss()
    loss.overrun = 2
    queue.put([], loss)
    let batch = await queue.next()
    #expect(batch?.events == [] && batch?.loss.total == 2)
  }

  @Test func whatWaitsIsGivenOutBeforeTheEnd() async {
    let queue = EventQueue<Int>(capacity: 3)
    queue.put([1])
    queue.finish()
    #expect(await queue.next()?.events == [1])
    #expect(await queue.next() == nil)
  }

  @Test func whoWaitsIsWokenByWhatComesAndByTheEnd() async {
    let queue = EventQueue<Int>(capacity: 3)
    let taker = Task {
      var taken: [Int] = []
      while let batch = await queue.next() { taken += batch.events }
      return taken
    }
    await Task.yield()
    queue.put([1])
    queue.put([2])
    await Task.yield()
    queue.finish()
    #expect(await taker.value == [1, 2])
  }

  @Test func whoIsCancelledWaitsNoLonger() async {
    let queue = EventQueue<Int>(capacity: 3)
    let taker = Task { await queue.next()?.events }
    await Task.yield()
    taker.cancel()
    #expect(await taker.value == nil)
  }
}
