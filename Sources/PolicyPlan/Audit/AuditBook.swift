package import KubernetesAPI

/// What policies that are tried out would have denied: how often, and when. It holds a bounded number of findings; the one
/// that was not seen for the longest time makes room, and is counted.
package struct AuditBook: Sendable {
  package struct Tally: Hashable, Sendable {
    package var count = 0
    package var first: Timestamp
    package var last: Timestamp
  }

  package static let defaultCapacity = 4096

  package private(set) var findings: [PolicyDenial: Tally] = [:]
  /// Findings that made room for others.
  package private(set) var forgotten = 0
  private let capacity: Int

  package init(capacity: Int = AuditBook.defaultCapacity) { self.capacity = max(capacity, 1) }

  /// - Returns: whether nothing like it has been found before.
  @discardableResult
  package mutating func add(_ denial: PolicyDenial, at time: Timestamp) -> Bool {
    if findings[denial] != nil {
      findings[denial]?.count += 1
      findings[denial]?.last = time
      return false
    }
    if findings.count >= capacity { makeRoom() }
    findings[denial] = Tally(count: 1, first: time, last: time)
    return true
  }

  /// Drops what was found of policies that are not tried out any more.
  package mutating func keep(_ audited: (ObjectName) -> Bool) {
    findings = findings.filter { $0.key.policies.contains(where: audited) }
  }

  /// A part at once, so that a flood of findings does not look for the oldest each time.
  private mutating func makeRoom() {
    let oldest = findings.sorted { $0.value.last < $1.value.last }.prefix(max(capacity / 8, 1))
    for (denial, _) in oldest { findings[denial] = nil }
    forgotten += oldest.count
  }
}
