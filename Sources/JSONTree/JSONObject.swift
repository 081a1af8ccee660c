/// The members of a JSON object in the order they were written.
///
/// Kubernetes objects are small, so members are a flat array and look-up is a linear search.
package struct JSONObject: Sendable, ExpressibleByDictionaryLiteral {
  package struct Member: Sendable, Hashable {
    package var key: String
    package var value: JSON

    package init(key: String, value: JSON) {
      self.key = key
      self.value = value
    }
  }

  package var members: [Member]

  package init(members: [Member] = []) { self.members = members }

  package init(dictionaryLiteral elements: (String, JSON)...) {
    members = elements.map { Member(key: $0.0, value: $0.1) }
  }

  /// From string pairs, as labels and annotations are.
  package init(_ pairs: some Sequence<(key: String, value: String)>) {
    members = pairs.map { Member(key: $0.key, value: .string($0.value)) }
  }

  package var count: Int { members.count }
  package var isEmpty: Bool { members.isEmpty }
  package var keys: [String] { members.map(\.key) }

  package func index(of key: String) -> Int? {
    for index in members.indices where members[index].key == key { return index }
    return nil
  }

  /// The member's value, null included; setting `nil` removes the member.
  package subscript(_ key: String) -> JSON? {
    get { index(of: key).map { members[$0].value } }
    set {
      switch (index(of: key), newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append(Member(key: key, value: value))
      case (nil, nil): break
      }
    }
  }

  /// The members whose values are strings, as a dictionary (labels, annotations, selectors).
  package var strings: [String: String] {
    var result: [String: String] = [:]
    for member in members { if let value = member.value.string { result[member.key] = value } }
    return result
  }
}

extension JSONObject: Hashable {
  /// Two objects are equal when they hold the same members in any order.
  package static func == (left: JSONObject, right: JSONObject) -> Bool {
    guard left.count == right.count else { return false }
    for (index, member) in left.members.enumerated() {
      if right.members[index].key == member.key {
        guard right.members[index].value == member.value else { return false }
      } else {
        guard right[member.key] == member.value else { return false }
      }
    }
    return true
  }

  package func hash(into hasher: inout Hasher) {
    var combined = 0
    for member in members { combined ^= member.hashValue }
    hasher.combine(combined)
  }
}
