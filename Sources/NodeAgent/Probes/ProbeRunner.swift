import KubernetesAPI

/// Runs one probe of one container on its schedule until it is cancelled.
///
/// A readiness probe that has not passed yet is asked more often than its period says, which the API allows "to make
/// the pod ready faster"; those early questions are not counted as failures.
struct ProbeRunner: Sendable {
  struct Report: Sendable {
    var result: ProbeResult
    var changedTo: ProbeState.Verdict?
    /// Asked before its period; a failure is no news.
    var isEarly: Bool
  }

  let kind: ProbeKind
  let timing: ProbeTiming
  let initial: ProbeState.Verdict
  let startedAt: Timestamp
  let clock: any Clock<Duration>
  let now: @Sendable () -> Timestamp

  private static let firstRetry = Duration.milliseconds(50)

  func run(
    _ probe: @Sendable () async -> ProbeResult, report: @Sendable (Report) async -> Void
  ) async {
    var state = ProbeState(timing: timing, initial: initial)
    let due = startedAt + timing.initialDelay
    if now() < due, (try? await clock.sleep(for: due - now())) == nil { return }
    var untilPeriod = Duration.zero
    var retry = Self.firstRetry
    while !Task.isCancelled {
      let isEarly = untilPeriod > .zero
      let result = await probe()
      if Task.isCancelled { return }
      if !(isEarly && !result.isSuccess) {
        let changed = state.take(success: result.isSuccess)
        await report(Report(result: result, changedTo: changed ? state.verdict : nil, isEarly: isEarly))
      }
      let mayHurry = kind == .readiness && state.verdict != .success && timing.successThreshold == 1
      if !isEarly || result.isSuccess { untilPeriod = timing.period }
      let pause = mayHurry ? min(retry, untilPeriod) : untilPeriod
      if mayHurry { retry = min(retry * 2, timing.period) } else { retry = Self.firstRetry }
      untilPeriod -= pause
      if (try? await clock.sleep(for: pause)) == nil { return }
    }
  }
}
