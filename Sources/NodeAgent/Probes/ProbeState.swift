import JSONTree

/// Which question a probe asks.
enum ProbeKind: String, Sendable, Hashable, CaseIterable {
  case startup = "startupProbe"
  case readiness = "readinessProbe"
  case liveness = "livenessProbe"

  /// The word of events: "Readiness probe failed: …".
  var title: String {
    switch self {
    case .startup: "Startup"
    case .readiness: "Readiness"
    case .liveness: "Liveness"
    }
  }
}

/// How often a probe runs and how many answers count; the defaults are the API's.
struct ProbeTiming: Sendable, Hashable {
  var initialDelay: Duration
  var timeout: Duration
  var period: Duration
  var successThreshold: Int
  var failureThreshold: Int

  init(_ probe: JSON) {
    initialDelay = .seconds(probe["initialDelaySeconds"]?.int ?? 0)
    timeout = .seconds(max(1, probe["timeoutSeconds"]?.int ?? 1))
    period = .seconds(max(1, probe["periodSeconds"]?.int ?? 10))
    successThreshold = Int(max(1, probe["successThreshold"]?.int ?? 1))
    failureThreshold = Int(max(1, probe["failureThreshold"]?.int ?? 3))
  }
}

/// Counts the answers of one probe of one container and says when its verdict changes.
struct ProbeState: Sendable, Hashable {
  enum Verdict: Sendable, Hashable {
    case unknown, success, failure
  }

  private(set) var verdict: Verdict
  private var run = 0
  private var runIsSuccess: Bool?
  let timing: ProbeTiming

  /// - Parameter initial: `success` where a restarted agent finds the container ready.
  init(timing: ProbeTiming, initial: Verdict = .unknown) {
    self.timing = timing
    verdict = initial
  }

  /// Takes one answer in; returns whether the verdict changed.
  mutating func take(success: Bool) -> Bool {
    run = runIsSuccess == success ? run + 1 : 1
    runIsSuccess = success
    let threshold = success ? timing.successThreshold : timing.failureThreshold
    guard run >= threshold else { return false }
    let next: Verdict = success ? .success : .failure
    defer { verdict = next }
    return verdict != next
  }
}
