/// Decides whether a user may do something.
package protocol Authorizer: Sendable {
  func decide(_ question: AuthorizationQuestion) -> AuthorizationDecision
}

package struct AuthorizationQuestion: Sendable {
  package let user: User
  package let verb: String
  /// Of a path that is no resource's: `/metrics`.
  package let path: String
  /// `nil` for paths that are no resource's.
  package let resource: RequestInfo?
}

package struct AuthorizationDecision: Sendable {
  package let isAllowed: Bool
  package let reason: String

  package init(isAllowed: Bool, reason: String) {
    self.isAllowed = isAllowed
    self.reason = reason
  }
}

/// Allows everything to everyone who is known.
package struct AuthenticatedAuthorizer: Authorizer {
  package init() {}

  package func decide(_ question: AuthorizationQuestion) -> AuthorizationDecision {
    let isKnown = question.user.groups.contains("system:authenticated")
    return AuthorizationDecision(isAllowed: isKnown, reason: isKnown ? "" : "the user is not authenticated")
  }
}
