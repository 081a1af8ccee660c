/// An element of a set or map.
package struct SetElement: Hashable, Sendable {
  package enum Value: Hashable, Sendable {
    case words(RegisterWords)
    case verdict(RuleVerdict)
  }

  package let key: RegisterWords
  /// The last key of a range; `nil` outside interval sets.
  package let end: RegisterWords?
  package let value: Value?

  package init(_ key: RegisterWords, _ value: Value? = nil) {
    self.key = key
    self.value = value
    end = nil
  }

  /// All keys whose fields lie between those of `key` and `end`, both included.
  package init(_ key: RegisterWords, through end: RegisterWords) {
    self.key = key
    self.end = end
    value = nil
  }

  package init(_ key: RegisterWords, _ words: RegisterWords) { self.init(key, .words(words)) }

  package var words: RegisterWords? { if case .words(let words) = value { words } else { nil } }
}
