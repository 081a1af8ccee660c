/// A set, or a map where it has values.
package struct NamedSet: Hashable, Sendable {
  /// The type of a field: how `nft` prints it, and how wide it is in a key. Numbers are `nft`'s own (`datatype.h`).
  package enum Field: UInt32, Hashable, Sendable {
    case integer = 4
    case ipv4Address = 7
    case ipv6Address = 8
    case transportProtocol = 12
    case port = 13
    case mark = 19

    var words: Int { self == .ipv6Address ? 4 : 1 }

    /// Bytes in use; in a register a field is padded to whole words.
    var byteCount: Int {
      switch self {
      case .integer, .ipv4Address, .mark: 4
      case .ipv6Address: 16
      case .transportProtocol: 1
      case .port: 2
      }
    }
  }

  package enum Value: Hashable, Sendable {
    case fields([Field])
    case verdict
  }

  package let name: String
  package let key: [Field]
  package let value: Value?
  /// Elements may come from rules (`dynset`); such a set needs a size.
  package let isDynamic: Bool
  /// After this time without refresh an element goes; `nil` for sets whose elements stay.
  package let timeout: Duration?
  /// Elements are ranges: each field of a key lies between that of the element's key and that of its end.
  package let isInterval: Bool
  /// The most elements it takes; 0 for no bound.
  package let size: UInt32

  package init(
    _ name: String, key: [Field], value: Value? = nil, isDynamic: Bool = false, timeout: Duration? = nil,
    isInterval: Bool = false, size: UInt32 = 0
  ) {
    precondition(!isInterval || key.count > 1, "the kernel keeps ranges of a single field in another way")
    self.name = name
    self.key = key
    self.value = value
    self.isDynamic = isDynamic
    self.timeout = timeout
    self.isInterval = isInterval
    self.size = size
  }

  package var isMap: Bool { value != nil }
  package var keyWords: Int { key.reduce(0) { $0 + $1.words } }
  /// 0 for sets and verdict maps.
  package var valueWords: Int {
    if case .fields(let fields) = value { fields.reduce(0) { $0 + $1.words } } else { 0 }
  }

  /// The type number of a concatenation: six bits a field.
  static func typeNumber(_ fields: [Field]) -> UInt32 { fields.reduce(0) { $0 << 6 | $1.rawValue } }
}
