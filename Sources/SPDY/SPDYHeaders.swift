/// The headers of a stream: names in lower case, each with its values in order.
package struct SPDYHeaders: Sendable, Hashable, ExpressibleByDictionaryLiteral {
  package var fields: [String: [String]] = [:]

  package init() {}

  package init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { fields[name.lowercased(), default: []].append(value) }
  }

  /// The first value; names are compared without their case.
  package subscript(name: String) -> String? { fields[name.lowercased()]?.first }
}
