import KubernetesAPI
import Testing

@testable import NodeAgent

@Suite struct CrashBackoffTests {
  private func at(_ seconds: Int64) -> Timestamp { Timestamp(seconds: seconds) }

  @Test func delaysDoubleUpToFiveMinutes() {
    var backoff = CrashBackoff()
    var time: Int64 = 0
    var delays: [Int64] = []
    for _ in 0..<8 {
      let wait = backoff.wait("a", failedAt: at(time), now: at(time))
      delays.append(wait.map { $0.delay.components.seconds } ?? 0)
      if let wait {
        #expect(wait.until == at(time) + wait.delay)
        #expect(backoff.wait("a", failedAt: at(time), now: wait.until) == nil)
        time = wait.until.seconds
      }
      backoff.noteTry("a", failedAt: at(time), now: at(time))
    }
    #expect(delays == [0, 10, 20, 40, 80, 160, 300, 300])
  }

  @Test func tenQuietMinutesAfterTheLastTryForgive() {
    var backoff = CrashBackoff()
    backoff.noteTry("a", failedAt: at(0), now: at(0))
    backoff.noteTry("a", failedAt: at(10), now: at(300))
    #expect(backoff.wait("a", failedAt: at(900), now: at(900))?.delay == .seconds(20))
    #expect(backoff.wait("a", failedAt: at(901), now: at(901)) == nil)
    backoff.noteTry("a", failedAt: at(901), now: at(901))
    #expect(backoff.wait("a", failedAt: at(902), now: at(902))?.delay == .seconds(10))
  }

  @Test func eachKeyCountsForItself() {
    var backoff = CrashBackoff()
    backoff.noteTry("a", failedAt: at(0), now: at(0))
    #expect(backoff.wait("b", failedAt: at(1), now: at(1)) == nil)
    backoff.reset("a")
    #expect(backoff.wait("a", failedAt: at(1), now: at(1)) == nil)
  }
}
