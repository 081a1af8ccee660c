package import NetworkTypes

/// Bytes as nftables keeps them in its 32-bit registers: keys and values of sets, immediates, operands of comparisons.
///
/// Every field of a concatenation starts at a new word, so a value is a run of words. Eight are enough for the widest key
/// in use (two IPv6 addresses) and keep elements free of allocations. Words hold memory order: what a packet carries in
/// network order stays so (addresses, ports), the kernel's own numbers are in host order (marks, counters).
package struct RegisterWords: Hashable, Sendable {
  package static let capacity = 8

  private var first: UInt64 = 0
  private var second: UInt64 = 0
  private var third: UInt64 = 0
  private var fourth: UInt64 = 0
  package private(set) var count = 0

  package init() {}

  /// - Precondition: no more than ``capacity`` words.
  package init(_ words: UInt32...) {
    for word in words { append(word) }
  }

  /// From the kernel: `nil` where there are more bytes than ``capacity`` words hold. A short last word is filled with zeros.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count <= Self.capacity * 4 else { return nil }
    var word: UInt32 = 0
    var filled = 0
    for byte in bytes {
      word |= UInt32(byte) << UInt32(24 - 8 * filled)
      filled += 1
      if filled == 4 {
        append(word.bigEndian)
        (word, filled) = (0, 0)
      }
    }
    if filled > 0 { append(word.bigEndian) }
  }

  package var byteCount: Int { count * 4 }

  package subscript(index: Int) -> UInt32 {
    precondition(index < count, "register word \(index) of \(count)")
    let pair =
      switch index >> 1 {
      case 0: first
      case 1: second
      case 2: third
      default: fourth
      }
    return UInt32(truncatingIfNeeded: index & 1 == 0 ? pair : pair >> 32)
  }

  package mutating func append(_ word: UInt32) {
    precondition(count < Self.capacity, "a register value has at most \(Self.capacity) words")
    let bits = count & 1 == 0 ? UInt64(word) : UInt64(word) << 32
    switch count >> 1 {
    case 0: first |= bits
    case 1: second |= bits
    case 2: third |= bits
    default: fourth |= bits
    }
    count += 1
  }

  package mutating func append(_ words: RegisterWords) {
    for index in 0..<words.count { append(words[index]) }
  }

  /// The words from `start` on; empty beyond the end.
  package func suffix(from start: Int) -> RegisterWords {
    var result = RegisterWords()
    for index in start..<max(start, count) { result.append(self[index]) }
    return result
  }

  package var words: [UInt32] { (0..<count).map { self[$0] } }
}

/// The fields that keys and values are made of.
extension RegisterWords {
  package mutating func append(_ address: IPAddress) {
    let value = address.value
    let count = address.family.bits / 32
    for index in 0..<count {
      append(UInt32(truncatingIfNeeded: value >> UInt128(32 * (count - 1 - index))).bigEndian)
    }
  }

  /// A port: two bytes in network order, then two of zero.
  package mutating func append(port: UInt16) { append((UInt32(port) << 16).bigEndian) }

  /// A one-byte field such as the transport protocol.
  package mutating func append(byte: UInt8) { append((UInt32(byte) << 24).bigEndian) }

  /// The address that starts at word `index`; `nil` where too few words follow.
  package func address(at index: Int, _ family: IPAddress.Family) -> IPAddress? {
    let words = family.bits / 32
    guard index >= 0, index + words <= count else { return nil }
    var value: UInt128 = 0
    for offset in 0..<words { value = value << 32 | UInt128(UInt32(bigEndian: self[index + offset])) }
    return IPAddress(family: family, value: value)
  }

  package func port(at index: Int) -> UInt16 { UInt16(truncatingIfNeeded: UInt32(bigEndian: self[index]) >> 16) }
  package func byte(at index: Int) -> UInt8 { UInt8(truncatingIfNeeded: UInt32(bigEndian: self[index]) >> 24) }
}

extension RegisterWords: CustomStringConvertible {
  /// The bytes in hexadecimal, one group a word, in memory order.
  package var description: String {
    words.map { word in
      let digits = String(UInt32(bigEndian: word), radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined(separator: ".")
  }
}
