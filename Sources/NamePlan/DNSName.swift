/// A domain name in wire form: length-prefixed labels in lower case and the root's zero (RFC 1035, 3.1).
package struct DNSName: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// At most 255 bytes, the final zero included.
  package let wire: [UInt8]

  package static let root = DNSName(checked: [0])
  package static let limit = 255

  init(checked wire: [UInt8]) { self.wire = wire }

  /// From labels; `nil` where one is empty or longer than 63 bytes or the whole is too long.
  package init?(labels: some Sequence<some StringProtocol>) {
    var wire: [UInt8] = []
    for label in labels {
      let bytes = label.utf8
      guard (1...63).contains(bytes.count) else { return nil }
      wire.append(UInt8(bytes.count))
      wire.append(contentsOf: bytes.map(\.loweredASCII))
    }
    wire.append(0)
    guard wire.count <= Self.limit else { return nil }
    self.wire = wire
  }

  /// From text such as `web.shop.svc.cluster.local`, with or without the final dot.
  package init?(_ text: some StringProtocol) {
    var text = text[...]
    if text.hasSuffix(".") { text = text.dropLast() }
    if text.isEmpty {
      self = .root
    } else {
      self.init(labels: text.split(separator: ".", omittingEmptySubsequences: false))
    }
  }

  /// From wire form without compression, as a query holds it; `nil` where it is not exactly one name.
  package init?(wire bytes: some Collection<UInt8>) {
    var wire: [UInt8] = []
    wire.reserveCapacity(bytes.count)
    var rest = bytes[...]
    while let length = rest.popFirst() {
      wire.append(length)
      if length == 0 { break }
      guard length <= 63, rest.count > Int(length) else { return nil }
      for byte in rest.prefix(Int(length)) { wire.append(byte.loweredASCII) }
      rest = rest.dropFirst(Int(length))
    }
    guard rest.isEmpty, wire.last == 0, wire.count == bytes.count, wire.count <= Self.limit else { return nil }
    self.wire = wire
  }

  package var labels: [String] {
    var labels: [String] = []
    var position = 0
    while wire[position] != 0 {
      let end = position + 1 + Int(wire[position])
      labels.append(String(decoding: wire[(position + 1)..<end], as: UTF8.self))
      position = end
    }
    return labels
  }

  /// The name under `parent`; `nil` where it would be too long.
  package func appending(_ parent: DNSName) -> DNSName? {
    let joined = wire.dropLast() + parent.wire
    return joined.count <= Self.limit ? DNSName(checked: Array(joined)) : nil
  }

  /// Text with the final dot.
  package var description: String { wire.count == 1 ? "." : labels.map { "\($0)." }.joined() }

  package static func < (left: DNSName, right: DNSName) -> Bool {
    left.wire.lexicographicallyPrecedes(right.wire)
  }
}

extension UInt8 {
  /// A to Z in lower case, everything else as it is.
  package var loweredASCII: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
}

extension DNSName {
  /// The ending of a name: whole labels of another name's wire form, its final zero included.
  package init(suffix wire: ArraySlice<UInt8>) { self.init(checked: Array(wire)) }
}
