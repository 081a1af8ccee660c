import JSONTree
import KubernetesAPI
import Testing

@testable import APIClient

@Suite struct EventCorrelatorTests {
  private static let start = Timestamp(seconds: 1_000_000)

  private func said(_ message: String, of object: JSON = ["name": "a"]) -> EventCorrelator.Key {
    EventCorrelator.Key(object: object, kind: .warning, reason: "FailedCreate", message: message)
  }

  @Test func whatIsSaidInEverOtherWordsIsPutTogether() {
    var correlator = EventCorrelator()
    for number in 0..<EventCorrelator.distinctMessages {
      let (key, message) = correlator.correlate(said("no \(number)"), at: Self.start)
      #expect(key == said("no \(number)") && message == "no \(number)")
    }
    let (eleventh, message) = correlator.correlate(said("no more"), at: Self.start)
    #expect(message == "(combined from similar events): no more")
    #expect(correlator.correlate(said("nor now"), at: Self.start).key == eleventh)
    // What was said before is known, and others are not meant.
    #expect(correlator.correlate(said("no 3"), at: Self.start).message == "no 3")
    #expect(correlator.correlate(said("no", of: ["name": "b"]), at: Self.start).message == "no")
    // Parts of an object are the object.
    let part = said("no part", of: ["name": "a", "fieldPath": "spec"])
    #expect(correlator.correlate(part, at: Self.start).key == eleventh)
    let later = Self.start + EventCorrelator.similarFor + .seconds(1)
    #expect(correlator.correlate(said("no more"), at: later).message == "no more")
  }

  @Test func anObjectIsHeardOfSoOften() {
    var correlator = EventCorrelator()
    let allowed = (0..<40).filter { _ in correlator.allows(["name": "a"], at: Self.start) }
    #expect(allowed.count == 25)
    #expect(correlator.allows(["name": "b"], at: Self.start))
    let later = Self.start + .seconds(301)
    #expect(correlator.allows(["name": "a", "fieldPath": "spec"], at: later))
    #expect(!correlator.allows(["name": "a"], at: later))
  }
}
