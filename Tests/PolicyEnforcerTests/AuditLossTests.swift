import JSONTree
import KubernetesAPI
import Testing

@testable import PolicyEnforcer

@Suite struct AuditLossTests {
  private static func time(_ second: Int64) -> Timestamp { Timestamp(seconds: 1_790_000_000 + second) }

  private static func lines(_ change: (inout AuditLoss) -> Void) -> [String] {
    var loss = AuditLoss()
    change(&loss)
    var report: JSON = ["audited": []]
    loss.add(to: &report)
    // What is said where it was lost and where it is asked for is the same.
    #expect(AuditLoss(report: report) == loss)
    return AuditLoss(report: report).lines(node: "n")
  }

  @Test func whatWasCountedIsANumber() {
    #expect(Self.lines { _ in }.isEmpty)
    #expect(Self.lines { $0.events = 1 } == ["node n lost an event of a connection; the flow was not judged"])
    #expect(
      Self.lines { ($0.events, $0.findings) = (12, 2) } == [
        "node n lost 12 events of connections; their flows were not judged",
        "node n forgot 2 findings to make room for others",
      ])
  }

  /// Nobody knows what began and ended meanwhile.
  @Test func aTimeWithoutHearingIsNoNumber() {
    let unknown = "how many flows were not judged is not known (no)"
    let (first, last) = (Self.time(0), Self.time(60))
    #expect(
      Self.lines { $0.beginDeafness("no", at: first) }
        == ["node n has not heard of connections since \(first); \(unknown)"])
    // Trying again in vain is the same time.
    #expect(
      Self.lines {
        $0.beginDeafness("never", at: first)
        $0.beginDeafness("no", at: Self.time(10))
        $0.endDeafness(at: last)
        $0.endDeafness(at: Self.time(99))
      } == ["node n did not hear of connections from \(first) to \(last); \(unknown)"])
    #expect(
      Self.lines {
        $0.beginDeafness("no", at: first)
        $0.endDeafness(at: first)
      } == ["node n lost events of connections at \(first); \(unknown)"])
  }

  @Test func severalTimesAreCountedAsTimes() {
    let unknown = "how many flows were not judged is not known (no)"
    let twice = { (loss: inout AuditLoss) in
      loss.beginDeafness("x", at: Self.time(0))
      loss.endDeafness(at: Self.time(1))
      loss.beginDeafness("no", at: Self.time(10))
    }
    #expect(
      Self.lines(twice)
        == ["node n does not hear of connections now, one of 2 times since \(Self.time(0)); \(unknown)"])
    #expect(
      Self.lines {
        twice(&$0)
        $0.endDeafness(at: Self.time(20))
      } == [
        "node n did not hear of all connections 2 times between \(Self.time(0)) and \(Self.time(20)); \(unknown)"
      ])
  }

  @Test func aReportOfAnotherVersionHasNoneOfIt() {
    #expect(AuditLoss(report: ["audited": []]).lines(node: "n").isEmpty)
  }
}
