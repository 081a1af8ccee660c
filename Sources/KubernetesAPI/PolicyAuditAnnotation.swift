package import JSONTree

/// The annotation by which a NetworkPolicy is tried out: nothing of it is enforced, and what it would have denied is told.
package enum PolicyAuditAnnotation {
  package static let name = "switchboard.dev/audit"

  package static func isSet(on policy: JSON) -> Bool { value(of: policy) == "true" }

  /// Another value than these would leave open what is meant.
  static func faults(_ policy: JSON) -> [FieldError] {
    guard let value = value(of: policy), value != "true", value != "false" else { return [] }
    return [
      .notSupported(
        FieldPath("metadata", "annotations")[key: name], .string(value), inThisOrder: ["true", "false"])
    ]
  }

  private static func value(of policy: JSON) -> String? { policy.metadata["annotations"]?[name]?.string }
}
