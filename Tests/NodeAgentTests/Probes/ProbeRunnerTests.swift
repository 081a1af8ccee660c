import APITesting
import JSONTree
import KubernetesAPI
import Synchronization
import Testing

@testable import NodeAgent

@Suite struct ProbeRunnerTests {
  private static let start = Timestamp(seconds: 1000)

  /// What a runner asked and reported, and when, in seconds after the container's start.
  private final class Record: Sendable {
    let clock = ManualClock()
    let asked = Mutex<[Double]>([])
    let reports = Mutex<[String]>([])
    let succeeds = Mutex(true)
    private let origin: ManualClock.Instant

    init() { origin = clock.now }

    var elapsed: Duration { origin.duration(to: clock.now) }

    func run(_ kind: ProbeKind, _ probe: JSON, initial: ProbeState.Verdict = .unknown) async {
      let runner = ProbeRunner(
        kind: kind, timing: ProbeTiming(probe), initial: initial, startedAt: ProbeRunnerTests.start, clock: clock,
        now: { ProbeRunnerTests.start + self.elapsed })
      await runner.run {
        let time = self.elapsed.components
        self.asked.withLock { $0.append(Double(time.seconds) + Double(time.attoseconds) / 1e18) }
        return ProbeResult(isSuccess: self.succeeds.withLock { $0 })
      } report: { report in
        let word = report.changedTo.map { "\($0)" } ?? "same"
        self.reports.withLock { $0.append("\(report.result.isSuccess) \(word)\(report.isEarly ? " early" : "")") }
      }
    }

    var count: Int { asked.withLock(\.count) }

    func advance(_ duration: Duration) async {
      await eventually("the runner sleeps") { self.clock.sleeperCount == 1 }
      clock.advance(by: duration)
    }
  }

  private func with(
    _ kind: ProbeKind, _ probe: JSON, initial: ProbeState.Verdict = .unknown,
    _ body: @Sendable (Record) async -> Void
  ) async {
    let record = Record()
    await withTaskGroup { group in
      group.addTask { await record.run(kind, probe, initial: initial) }
      await body(record)
      group.cancelAll()
    }
  }

  @Test func theFirstQuestionWaitsForTheDelayAndTheNextForThePeriod() async {
    await with(.liveness, ["initialDelaySeconds": 5, "periodSeconds": 20]) { record in
      await record.advance(.seconds(4))
      await settle()
      #expect(record.count == 0)
      await record.advance(.seconds(1))
      await eventually("the first question") { record.count == 1 }
      await record.advance(.seconds(19))
      await settle()
      #expect(record.count == 1)
      await record.advance(.seconds(1))
      await eventually("the second question") { record.count == 2 }
      #expect(record.asked.withLock { $0 } == [5, 25])
      #expect(record.reports.withLock { $0 } == ["true success", "true same"])
    }
  }

  @Test func aReadinessProbeThatHasNotPassedIsAskedSoonerWithoutCountingFailures() async {
    await with(.readiness, ["periodSeconds": 10, "failureThreshold": 2]) { record in
      record.succeeds.withLock { $0 = false }
      await eventually("the first question") { record.count >= 1 }
      await record.advance(.milliseconds(50))
      await eventually("an early one") { record.count == 2 }
      await record.advance(.milliseconds(100))
      await eventually("another") { record.count == 3 }
      #expect(record.reports.withLock { $0 } == ["false same"])
      record.succeeds.withLock { $0 = true }
      await record.advance(.milliseconds(200))
      await eventually("it passes") { record.reports.withLock { $0.last } == "true success early" }
      await record.advance(.seconds(9))
      await settle()
      // From there on the period counts.
      #expect(record.count == 4)
    }
  }

  @Test func otherProbesKeepToTheirPeriod() async {
    await with(.startup, ["periodSeconds": 10, "failureThreshold": 1]) { record in
      record.succeeds.withLock { $0 = false }
      await eventually("the first question") { record.count >= 1 }
      await record.advance(.seconds(9))
      await settle()
      #expect(record.count == 1)
    }
  }

  @Test func moreThanOneSuccessTakesWholePeriods() async {
    await with(.readiness, ["periodSeconds": 10, "successThreshold": 2]) { record in
      await eventually("the first question") { record.count == 1 }
      await record.advance(.seconds(9))
      await settle()
      #expect(record.count == 1)
      await record.advance(.seconds(1))
      await eventually("it passes") { record.reports.withLock { $0 } == ["true same", "true success"] }
    }
  }
}
