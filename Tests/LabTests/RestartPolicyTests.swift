import Lab
import Testing

struct RestartPolicyTests {
  @Test func aProgramThatRanLongIsStartedAtOnce() {
    var policy = RestartPolicy()
    for _ in 0..<20 { #expect(policy.delay(afterRunning: .seconds(60)) == .zero) }
  }

  @Test func theFirstFailuresCostNoTimeAndLaterOnesMore() {
    var policy = RestartPolicy()
    let delays = (0..<6).map { _ in policy.delay(afterRunning: .milliseconds(5)) }
    #expect(delays == [.zero, .zero, .zero, .milliseconds(100), .milliseconds(200), .milliseconds(400)])
  }

  @Test func delaysEndAtABound() {
    var policy = RestartPolicy()
    for _ in 0..<100 { #expect(policy.delay(afterRunning: .zero) <= RestartPolicy.longestDelay) }
    #expect(policy.delay(afterRunning: .zero) == RestartPolicy.longestDelay)
  }

  @Test func aLongRunForgivesTheFailuresBefore() {
    var policy = RestartPolicy()
    for _ in 0..<10 { _ = policy.delay(afterRunning: .zero) }
    #expect(policy.delay(afterRunning: .seconds(30)) == .zero)
    #expect(policy.delay(afterRunning: .zero) == .zero)
  }
}
