import JSONTree
import KubernetesAPI
import Testing

@testable import NodeAgent

@Suite struct ProbeStateTests {
  private func verdicts(
    _ probe: JSON, _ answers: [Bool], initial: ProbeState.Verdict = .unknown
  ) -> [ProbeState.Verdict] {
    var state = ProbeState(timing: ProbeTiming(probe), initial: initial)
    return answers.map { answer in
      let before = state.verdict
      let changed = state.take(success: answer)
      #expect(changed == (state.verdict != before))
      return state.verdict
    }
  }

  @Test func theDefaultsAreTheAPIs() {
    let timing = ProbeTiming([:])
    #expect(timing.initialDelay == .zero)
    #expect(timing.timeout == .seconds(1))
    #expect(timing.period == .seconds(10))
    #expect(timing.successThreshold == 1)
    #expect(timing.failureThreshold == 3)
  }

  @Test func failuresCountInARow() {
    #expect(
      verdicts(["failureThreshold": 3], [false, false, true, false, false, false, true]) == [
        .unknown, .unknown, .success, .success, .success, .failure, .success,
      ])
  }

  @Test func successesCountInARow() {
    #expect(
      verdicts(["successThreshold": 2, "failureThreshold": 1], [true, false, true, true, false]) == [
        .unknown, .failure, .failure, .success, .failure,
      ])
  }

  @Test func anAdoptedContainerKeepsItsVerdictBelowTheThreshold() {
    #expect(verdicts(["failureThreshold": 2], [false, false], initial: .success) == [.success, .failure])
  }
}
