internal import NFTables

extension NamedSet {
  /// Whether each field of the key lies between those of `first` and `last`. Fields compare as packets carry them.
  func holds(_ key: RegisterWords, within first: RegisterWords, _ last: RegisterWords) -> Bool {
    var start = 0
    for field in self.key {
      let words = start..<(start + NamedSet("", key: [field]).keyWords)
      let value = words.map { UInt32(bigEndian: key[$0]) }
      if value.lexicographicallyPrecedes(words.map { UInt32(bigEndian: first[$0]) }) { return false }
      if words.map({ UInt32(bigEndian: last[$0]) }).lexicographicallyPrecedes(value) { return false }
      start = words.upperBound
    }
    return true
  }
}
