/// The objects of one resource in key order.
///
/// They lie in chunks of a few hundred, so that a change costs one chunk and not the whole. A copy shares its chunks with
/// the original: who changes one of them then copies the list of chunks and that chunk alone.
package struct SortedObjects: Sendable {
  /// Beyond this a chunk is split.
  static let maximumChunk = 512

  /// None is empty.
  private var chunks: ContiguousArray<ContiguousArray<CachedObject>> = []
  package private(set) var count = 0

  package init() {}

  /// From objects in key order.
  init(sorted objects: some Sequence<CachedObject>) {
    var chunk: ContiguousArray<CachedObject> = []
    for object in objects {
      chunk.append(object)
      count += 1
      // Room is left for what comes in between.
      guard chunk.count == Self.maximumChunk * 3 / 4 else { continue }
      chunks.append(chunk)
      chunk = []
    }
    if !chunk.isEmpty { chunks.append(chunk) }
  }

  package func object(_ key: String) -> CachedObject? {
    let index = lowerBound(key)
    guard index.chunk < chunks.count else { return nil }
    let object = chunks[index.chunk][index.offset]
    return object.key == key ? object : nil
  }

  /// Puts the object in its place; returns the one that was there.
  @discardableResult
  mutating func update(_ object: CachedObject) -> CachedObject? {
    var index = lowerBound(object.key)
    if index.chunk < chunks.count {
      let present = chunks[index.chunk][index.offset]
      if present.key == object.key {
        chunks[index.chunk][index.offset] = object
        return present
      }
    } else if let last = chunks.indices.last {
      index = Index(chunk: last, offset: chunks[last].count)
    } else {
      chunks.append([object])
      count = 1
      return nil
    }
    chunks[index.chunk].insert(object, at: index.offset)
    count += 1
    if chunks[index.chunk].count > Self.maximumChunk { split(index) }
    return nil
  }

  /// Takes the object out and returns it.
  mutating func remove(_ key: String) -> CachedObject? {
    let index = lowerBound(key)
    guard index.chunk < chunks.count, chunks[index.chunk][index.offset].key == key else { return nil }
    let removed = chunks[index.chunk].remove(at: index.offset)
    count -= 1
    if chunks[index.chunk].isEmpty {
      chunks.remove(at: index.chunk)
    } else {
      joinNeighbours(of: index.chunk)
    }
    return removed
  }

  /// Halves a chunk. One that grew at the end of all keeps nearly everything: objects often come in key order.
  private mutating func split(_ inserted: Index) {
    let size = chunks[inserted.chunk].count
    let isAtEnd = inserted.chunk == chunks.count - 1 && inserted.offset == size - 1
    let kept = isAtEnd ? size - 1 : size / 2
    let rest = ContiguousArray(chunks[inserted.chunk][kept...])
    chunks[inserted.chunk].removeSubrange(kept...)
    chunks.insert(rest, at: inserted.chunk + 1)
  }

  /// Joins a chunk with the next or the one before where both together are small, so that many removals leave few chunks.
  private mutating func joinNeighbours(of chunk: Int) {
    for first in [chunk, chunk - 1] where first >= 0 && first + 1 < chunks.count {
      guard chunks[first].count + chunks[first + 1].count <= Self.maximumChunk / 2 else { continue }
      chunks[first] += chunks[first + 1]
      chunks.remove(at: first + 1)
      return
    }
  }
}

extension SortedObjects: BidirectionalCollection {
  package struct Index: Comparable, Sendable {
    fileprivate var chunk: Int
    fileprivate var offset: Int

    package static func < (left: Index, right: Index) -> Bool {
      (left.chunk, left.offset) < (right.chunk, right.offset)
    }
  }

  package var startIndex: Index { Index(chunk: 0, offset: 0) }
  package var endIndex: Index { Index(chunk: chunks.count, offset: 0) }

  package subscript(index: Index) -> CachedObject { chunks[index.chunk][index.offset] }

  package func index(after index: Index) -> Index {
    index.offset + 1 < chunks[index.chunk].count
      ? Index(chunk: index.chunk, offset: index.offset + 1) : Index(chunk: index.chunk + 1, offset: 0)
  }

  package func index(before index: Index) -> Index {
    index.offset > 0
      ? Index(chunk: index.chunk, offset: index.offset - 1)
      : Index(chunk: index.chunk - 1, offset: chunks[index.chunk - 1].count - 1)
  }

  /// Costs the chunks between, not the objects.
  package func distance(from start: Index, to end: Index) -> Int {
    if end < start { return -distance(from: end, to: start) }
    return chunks[start.chunk..<end.chunk].reduce(end.offset - start.offset) { $0 + $1.count }
  }

  /// The first object whose key is not below `key`.
  package func lowerBound(_ key: String) -> Index {
    var low = 0
    var high = chunks.count
    while low < high {
      let middle = (low + high) / 2
      if chunks[middle][chunks[middle].count - 1].key < key { low = middle + 1 } else { high = middle }
    }
    guard low < chunks.count else { return endIndex }
    return Index(chunk: low, offset: Self.lowerBound(key, in: chunks[low]))
  }

  private static func lowerBound(_ key: String, in chunk: ContiguousArray<CachedObject>) -> Int {
    var low = 0
    var high = chunk.count
    while low < high {
      let middle = (low + high) / 2
      if chunk[middle].key < key { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The first object whose key is above `key`.
  package func index(after key: String) -> Index {
    let index = lowerBound(key)
    return index < endIndex && self[index].key == key ? self.index(after: index) : index
  }

  /// The objects whose keys begin with `prefix`, which ends with a slash.
  package func under(_ prefix: String) -> SubSequence {
    // "0" follows "/".
    self[lowerBound(prefix)..<lowerBound(prefix.dropLast() + "0")]
  }
}
