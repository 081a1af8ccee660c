import KubernetesAPI
import SwitchboardTesting
import Testing

@testable import APIServer

/// The chunked order against a plain sorted array.
@Suite struct SortedObjectsTests {
  private static func object(_ number: Int, revision: Int64 = 1) throws -> CachedObject {
    let digits = String(number)
    let key = "core/configmaps/n\(number % 3)/\(String(repeating: "0", count: 6 - digits.count))\(digits)"
    return try CachedObject(key: key, revision: revision, encoded: Array("{}".utf8), kind: .configMaps)
  }

  /// What both hold, and every way to ask for it.
  private func expectSame(_ sorted: SortedObjects, _ plain: [CachedObject], _ random: inout SeededRandom) throws {
    #expect(sorted.count == plain.count)
    #expect(sorted.map(\.key) == plain.map(\.key) && sorted.map(\.revision) == plain.map(\.revision))
    #expect(sorted.reversed().map(\.key) == plain.reversed().map(\.key))
    #expect(sorted.distance(from: sorted.startIndex, to: sorted.endIndex) == plain.count)
    for _ in 0..<10 {
      let key = try Self.object(random.below(4_000)).key
      #expect(sorted.object(key)?.revision == plain.first { $0.key == key }?.revision)
      let rest = sorted[sorted.index(after: key)...]
      #expect(rest.map(\.key) == plain.map(\.key).filter { $0 > key })
      #expect(sorted.distance(from: rest.startIndex, to: rest.endIndex) == rest.map(\.key).count)
      #expect(sorted[sorted.lowerBound(key)...].first?.key == plain.map(\.key).first { $0 >= key })
    }
    for namespace in ["n0", "n1", "n2", "n", "n3"] {
      let prefix = "core/configmaps/\(namespace)/"
      #expect(sorted.under(prefix).map(\.key) == plain.map(\.key).filter { $0.hasPrefix(prefix) })
    }
  }

  @Test(arguments: 1...3 as ClosedRange<UInt64>) func randomChangesAreThoseOfASortedArray(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var sorted = SortedObjects()
    var plain: [CachedObject] = []
    // Copies are as they were when they were taken, whatever comes after.
    var copies: [(SortedObjects, [CachedObject])] = []
    // Grows in one half of the time and shrinks in the other.
    for step in 0..<12_000 {
      let isGrowing = (step / 3_000).isMultiple(of: 2)
      let object = try Self.object(random.below(4_000), revision: Int64(step))
      let place = plain.firstIndex { $0.key >= object.key } ?? plain.count
      let known = place < plain.count && plain[place].key == object.key ? plain[place] : nil
      if random.below(10) < (isGrowing ? 8 : 1) {
        #expect(sorted.update(object) === known)
        if known == nil { plain.insert(object, at: place) } else { plain[place] = object }
      } else {
        #expect(sorted.remove(object.key) === known)
        if known != nil { plain.remove(at: place) }
      }
      if step % 1_500 == 0 { copies.append((sorted, plain)) }
    }
    try expectSame(sorted, plain, &random)
    for (sorted, plain) in copies { try expectSame(sorted, plain, &random) }
    #expect(copies.map(\.1.count).max() ?? 0 > 2 * SortedObjects.maximumChunk)
  }

  @Test func whatComesInOrderFillsItsChunks() throws {
    var random = SeededRandom(seed: 9)
    var sorted = SortedObjects()
    let plain = try (0..<3_000).map { try Self.object($0 * 3) }
    for object in plain { #expect(sorted.update(object) == nil) }
    try expectSame(sorted, plain, &random)
    try expectSame(SortedObjects(sorted: plain), plain, &random)
    for object in plain { #expect(sorted.remove(object.key) === object) }
    #expect(sorted.isEmpty && sorted.startIndex == sorted.endIndex && sorted.first == nil)
    try expectSame(SortedObjects(), [], &random)
    #expect(sorted.remove("core/configmaps/n0/000000") == nil)
  }

  /// A write costs a chunk, not the resource: with so many objects a plain array would move four megabytes for each.
  @Test func aHundredThousandObjectsCostNoMoreThanAThousand() throws {
    func secondsOfWrites(into count: Int) throws -> Double {
      var sorted = SortedObjects(sorted: try (0..<count).map { try Self.object($0 * 6) })
      let middle = try (0..<500).map { try Self.object(($0 * count / 500) * 6 + 3) }
      let clock = ContinuousClock()
      var best = Double.infinity
      for _ in 0..<3 {
        let taken = clock.measure {
          for object in middle {
            // Somebody reads a list all the while.
            let copy = sorted
            sorted.update(object)
            _ = sorted.remove(object.key)
            sorted.update(object)
            _ = copy.count
          }
        }
        best = min(best, taken / .seconds(1))
      }
      return best
    }
    let (few, many) = (try secondsOfWrites(into: 1_000), try secondsOfWrites(into: 100_000))
    #expect(many < few * 6, "\(few) and \(many) seconds")
  }
}
