/// A rule of a chain.
package struct Rule: Hashable, Sendable {
  package let expressions: [RuleExpression]
  /// Shown by `nft list`; at most 127 bytes of it.
  package let comment: String

  package init(_ comment: String = "", _ expressions: [RuleExpression]) {
    self.comment = comment
    self.expressions = expressions
  }
}
