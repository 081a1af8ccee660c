/// Finds a member's name among those that came before it in the same object.
///
/// A few names are compared one by one, which is what is quickest for nearly all objects; from some number on they are
/// hashed, so that an object of many costs no more than its length.
struct RepeatedMembers {
  private static let mostCompared = 24

  private var positions: [String: Int] = [:]

  /// Where `object` has the member already.
  mutating func position(of key: String, in object: JSONObject) -> Int? {
    guard object.count > Self.mostCompared else { return object.index(of: key) }
    if positions.isEmpty {
      positions.reserveCapacity(object.count * 2)
      for (index, member) in object.members.enumerated() { positions[member.key] = index }
    }
    return positions[key]
  }

  /// The member was appended.
  mutating func append(_ key: String, at position: Int) { if !positions.isEmpty { positions[key] = position } }
}
