import NetworkTypes

/// The parameters after the `?` of a request's target, percent-decoded, in order.
package struct QueryParameters: Sendable {
  private let pairs: [(name: String, value: String)]

  package init(_ query: some StringProtocol) {
    pairs = Substring(query).utf8.split(separator: UInt8(ascii: "&")).map { part in
      let equals = part.firstIndex(of: UInt8(ascii: "="))
      let name = Substring(part[..<(equals ?? part.endIndex)])
      let value = Substring(equals.map { part[part.index(after: $0)...] } ?? part[part.endIndex...])
      return (PercentEncoding.decode(name, plusIsSpace: true), PercentEncoding.decode(value, plusIsSpace: true))
    }
  }

  private init(pairs: [(name: String, value: String)]) { self.pairs = pairs }

  /// The same with another value for a parameter that is there.
  func replacing(_ name: String, with value: String?) -> QueryParameters {
    guard let value else { return self }
    return QueryParameters(pairs: pairs.map { $0.name == name ? (name, value) : $0 })
  }

  package subscript(_ name: String) -> String? {
    for pair in pairs where pair.name == name { return pair.value }
    return nil
  }

  package func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

  /// A parameter that is not empty.
  package func text(_ name: String) -> String? {
    guard let value = self[name], !value.isEmpty else { return nil }
    return value
  }

  /// True for everything but `false`, in whatever case, and `0`: as upstream converts query parameters. Python writes
  /// `False`.
  package func flag(_ name: String) -> Bool {
    guard let value = self[name] else { return false }
    return !(value.lowercased() == "false" || value == "0")
  }

  /// A whole number. Throws a 400 where the text is none.
  package func integer(_ name: String) throws(APIStatus) -> Int64? {
    guard let value = text(name) else { return nil }
    guard let number = Int64(value) else {
      throw .badRequest("strconv.ParseInt: parsing \"\(value)\": invalid syntax")
    }
    return number
  }
}
