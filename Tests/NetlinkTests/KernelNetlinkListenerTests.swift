import LinuxKernel
import Netlink
import NetworkTypes
import Testing

@Suite struct KernelNetlinkListenerTests {
  /// More waits than is taken at once. Only when nothing is left does the reader pause, here for longer than the test lasts.
  @Test(.timeLimit(.minutes(5))) func whatIsWaitingIsReadWithoutAPause() async throws {
    let namespace = try NetworkNamespace.create()
    // RTNLGRP_IPV4_IFADDR of linux/rtnetlink.h.
    let listener = try NetlinkListener(.route, groups: [5], receiveBuffer: 16 << 20, in: namespace)
    let count = 600
    try RouteSocket(in: namespace).apply { batch in
      for number in 0..<count {
        batch.add(InterfaceAddress(IPAddress(v4: 10, 0, UInt8(number / 250), UInt8(1 + number % 250)), link: 1))
      }
    }
    let queue = EventQueue<Int64>(capacity: count)
    let reading = Task { try await listener.feed(queue, pause: 600_000) { _, seenAt in seenAt } }
    var heard = 0
    while heard < count, let batch = await queue.next() {
      heard += batch.events.count
      #expect(batch.loss.isEmpty)
    }
    #expect(heard == count)
    reading.cancel()
    try await reading.value
  }
}
