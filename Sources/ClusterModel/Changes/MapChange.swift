/// Operations on a map: a key whose value changes is in both lists, for the kernel replaces no value in place.
package struct MapChange<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  package var removed: [Key] = []
  package var added: [(key: Key, value: Value)] = []

  package init() {}
  package var count: Int { removed.count + added.count }
}

/// Operations on a set.
package struct SetChange<Element: Hashable & Sendable>: Sendable {
  package var removed: [Element] = []
  package var added: [Element] = []

  package init() {}
  package var count: Int { removed.count + added.count }
}
