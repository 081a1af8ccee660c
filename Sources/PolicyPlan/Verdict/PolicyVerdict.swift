package import KubernetesAPI

package enum PolicyDirection: String, Hashable, Sendable, CaseIterable, Comparable {
  case ingress
  case egress

  package static func < (left: Self, right: Self) -> Bool { left == .ingress && right == .egress }

  /// What a copy of a packet carries that no rule of this direction allowed.
  package var denialMark: String { "switchboard denied \(rawValue)" }

  /// `nil` where the mark is none of ours.
  package init?(denialMark: String) {
    guard let direction = Self.allCases.first(where: { $0.denialMark == denialMark }) else { return nil }
    self = direction
  }
}

/// One rule of a policy, by its place in the object.
package struct PolicyRuleReference: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let policy: ObjectName
  package let direction: PolicyDirection
  package let index: Int

  package init(_ policy: ObjectName, _ direction: PolicyDirection, _ index: Int) {
    self.policy = policy
    self.direction = direction
    self.index = index
  }

  package var field: String { "spec.\(direction.rawValue)[\(index)]" }
  package var description: String { "\(policy) \(field)" }

  package static func < (left: Self, right: Self) -> Bool {
    (left.policy, left.direction, left.index) < (right.policy, right.direction, right.index)
  }
}

/// What the policies of one pod say about a flow in one direction, with the reason.
package enum PolicyVerdict: Hashable, Sendable {
  /// The end of the flow that policies would judge is no pod they can select.
  case noSubject
  /// The pod speaks with itself, which no policy forbids.
  case itself
  /// What a node's own processes send to its pods is exempt.
  case ownNode(String)
  /// No policy of this direction selects the pod.
  case notIsolated(ObjectName)
  case allowed(by: PolicyRuleReference)
  /// These policies isolate the pod, and no rule of theirs allows the flow.
  case denied(ObjectName, by: [ObjectName])

  package var isAllowed: Bool { if case .denied = self { false } else { true } }
}
