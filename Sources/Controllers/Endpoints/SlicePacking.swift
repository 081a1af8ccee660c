import JSONTree

/// Endpoints with the same ports, put into the slices there are.
struct SlicePacking {
  /// Slices that stay, with what is in them then.
  private(set) var kept: [(slice: JSON, endpoints: [JSON])] = []
  /// Slices of which nothing is left.
  private(set) var empty: [JSON] = []
  /// The contents of new slices.
  private(set) var fresh: [[JSON]] = []

  private let slices: [JSON]
  private let endpoints: [JSON]
  private let capacity: Int

  init(_ slices: [JSON], endpoints: [JSON], capacity: Int) {
    self.slices = slices
    self.endpoints = endpoints
    self.capacity = capacity
  }

  private static func identity(_ endpoint: JSON) -> String {
    "\(endpoint["targetRef"]?["uid"]?.string ?? "") \(endpoint["addresses"]?.items.first?.string ?? "")"
  }

  /// - Parameter isWritten: whether a slice is written anyway, whatever its endpoints.
  mutating func pack(isWritten: (JSON) -> Bool) {
    var remaining: [String: JSON] = [:]
    for endpoint in endpoints { remaining[Self.identity(endpoint)] = endpoint }
    var isChanged: [Bool] = []
    for slice in slices {
      let before = slice["endpoints"]?.items ?? []
      let after = before.compactMap { remaining.removeValue(forKey: Self.identity($0)) }
      kept.append((slice, after))
      isChanged.append(after != before || isWritten(slice))
    }
    var rest = endpoints.filter { remaining[Self.identity($0)] != nil }
    // Slices that are written anyway are filled first, the fullest of them foremost.
    for index in kept.indices.sorted(by: { kept[$0].endpoints.count > kept[$1].endpoints.count })
    where isChanged[index] { fill(index, from: &rest) }
    // What is left then goes into one slice more, where one has room for all of it, or into new ones.
    while !rest.isEmpty {
      let roomy = kept.indices.filter { !isChanged[$0] && kept[$0].endpoints.count + rest.count <= capacity }
      if let index = roomy.max(by: { kept[$0].endpoints.count < kept[$1].endpoints.count }) {
        fill(index, from: &rest)
      } else {
        fresh.append(Array(rest.prefix(capacity)))
        rest.removeFirst(min(rest.count, capacity))
      }
    }
    empty = kept.filter(\.endpoints.isEmpty).map(\.slice)
    kept.removeAll(where: \.endpoints.isEmpty)
  }

  private mutating func fill(_ index: Int, from rest: inout [JSON]) {
    let room = capacity - kept[index].endpoints.count
    guard room > 0 else { return }
    kept[index].endpoints += rest.prefix(room)
    rest.removeFirst(min(rest.count, room))
  }
}
