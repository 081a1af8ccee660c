/// The latest items, so many and no more. An item keeps its place as long as it is there.
struct RecentItems<Item> {
  private let capacity: Int
  /// Those before `head` are gone.
  private var storage: [Item] = []
  private var head = 0
  /// Place of the item at index 0 of `storage`.
  private var base = 0

  init(capacity: Int) {
    precondition(capacity > 0, "room for nothing")
    self.capacity = capacity
  }

  var count: Int { storage.count - head }
  /// Oldest first.
  var items: [Item] { Array(storage[head...]) }
  var lastPlace: Int { base + storage.count - 1 }

  /// `nil` for one that is gone; setting such a one does nothing.
  subscript(place: Int) -> Item? {
    get { place - base >= head && place - base < storage.count ? storage[place - base] : nil }
    set {
      guard let newValue, place - base >= head, place - base < storage.count else { return }
      storage[place - base] = newValue
    }
  }

  /// Returns the one that had to go, if any.
  mutating func append(_ item: Item) -> Item? {
    storage.append(item)
    return count > capacity ? removeFirst() : nil
  }

  mutating func removeFirst() -> Item? {
    guard count > 0 else { return nil }
    defer {
      head += 1
      // Now and then only: it moves all that is there.
      if head > 1024, head > storage.count / 2 {
        storage.removeFirst(head)
        base += head
        head = 0
      }
    }
    return storage[head]
  }

  /// Drops the others, and everybody's places.
  mutating func keep(_ isKept: (Item) -> Bool) {
    base += storage.count
    storage = storage[head...].filter(isKept)
    head = 0
  }
}

extension RecentItems: Sendable where Item: Sendable {}
