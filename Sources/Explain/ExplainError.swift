/// A question that makes no sense, with what to do about it.
package struct ExplainError: Error, Hashable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
