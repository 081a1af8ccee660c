/// A set whose members stay as long as anybody counts on them, and that remembers what changed since it was last asked.
package struct CountedSet<Element: Hashable & Sendable & Comparable>: Sendable {
  private var counts: [Element: Int] = [:]
  /// What the kernel holds.
  private var installed: Set<Element> = []
  private var touched: Set<Element> = []

  package init() {}

  package mutating func insert(_ element: Element) {
    counts[element, default: 0] += 1
    touched.insert(element)
  }

  package mutating func remove(_ element: Element) {
    guard let count = counts[element] else { return }
    counts[element] = count > 1 ? count - 1 : nil
    touched.insert(element)
  }

  package mutating func removeAll() {
    touched.formUnion(counts.keys)
    counts = [:]
  }

  /// Says what the kernel held before anything was counted.
  package mutating func start(from elements: Set<Element>) {
    installed = elements
    touched.formUnion(elements)
  }

  package mutating func drain(into change: inout SetChange<Element>) {
    for element in touched.sorted() {
      let isWanted = counts[element] != nil
      if isWanted, installed.insert(element).inserted { change.added.append(element) }
      if !isWanted, installed.remove(element) != nil { change.removed.append(element) }
    }
    touched = []
  }
}
