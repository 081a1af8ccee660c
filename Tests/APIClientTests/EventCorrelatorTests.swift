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
    let twelfth = correlator.correlate(said("nor now"), at: Self.start)
    #expect(twelfth.key == eleventh)
    // What was said before is known, and others are not meant.
    let known = correlator.correlate(said("no 3"), at: Self.start)
    #expect(known.message == "no 3")
    let other = correlator.correlate(said("no", of: ["name": "b"]), at: Self.start)
    #expect(other.message == "no")
    // Parts of an object are the object.
    let part = correlator.correlate(said("no part", of: ["name": "a", "fieldPath": "spec"]), at: Self.start)
    #expect(part.key == eleventh)
    let later = correlator.correlate(said("no more"), at: Self.start + EventCorrelator.similarFor + .seconds(1))
    #expect(later.message == "no more")
  }

  @Test func anObjectIsHeardOfSoOften() {
    var correlator = EventCorrelator()
    func sent(_ count: Int, _ object: JSON, at time: Timestamp) -> Int {
      (0..<count).filter { _ in correlator.allows(object, at: time) }.count
    }
    #expect(sent(40, ["name": "a"], at: Self.start) == 25)
    #expect(sent(1, ["name": "b"], at: Self.start) == 1)
    // One more after five minutes; a part of it is the same object.
    #expect(sent(2, ["name": "a", "fieldPath": "spec"], at: Self.start + .seconds(301)) == 1)
  }
}
