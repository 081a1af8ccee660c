package import JSONTree

/// Judges pods by the Pod Security Standards.
package struct PodSecurityEvaluator: Sendable {
  /// The newest release in which a check changed: later versions mean the same.
  private static let newest =
    (PodSecurityCheck.baseline + PodSecurityCheck.restricted)
    .flatMap(\.versions).map(\.since).max() ?? 0

  package init() {}

  /// What of a pod, or of a template of one, breaks a standard: baseline's checks first, each level's by name.
  package func violations(of pod: JSON, by standard: PodSecurityStandard) -> [PodSecurityViolation] {
    let minor =
      switch standard.version {
      case .latest: Self.newest
      case .minor(let number): min(number, Self.newest)
      }
    let subject = PodSecuritySubject(pod)
    let baseline = PodSecurityCheck.baseline.compactMap { check in check.version(at: minor).map { (check.id, $0) } }
    switch standard.level {
    case .privileged: return []
    case .baseline: return baseline.compactMap { $0.1.body(subject) }
    case .restricted:
      let restricted = PodSecurityCheck.restricted.compactMap { $0.version(at: minor) }
      let overridden = Set(restricted.flatMap(\.overrides))
      return baseline.filter { !overridden.contains($0.0) }.compactMap { $0.1.body(subject) }
        + restricted.compactMap { $0.body(subject) }
    }
  }
}
