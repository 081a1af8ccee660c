/// An element of a set or map.
package struct SetElement: Hashable, Sendable {
  package enum Value: Hashable, Sendable {
    case words(RegisterWords)
    case verdict(RuleVerdict)
  }

  package let key: RegisterWords
  package let value: Value?

  package init(_ key: RegisterWords, _ value: Value? = nil) {
    self.key = key
    self.value = value
  }

  package init(_ key: RegisterWords, _ words: RegisterWords) { self.init(key, .words(words)) }

  package var words: RegisterWords? { if case .words(let words) = value { words } else { nil } }
}
