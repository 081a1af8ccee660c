/// Reads the query syntax of label selectors. The grammar and the wording of its errors are upstream's.
struct LabelSelectorParser {
  private enum Token: Hashable {
    case end, fault, closing, opening, comma, not, doubleEquals, equals, greater, less, identifier, isIn, isNotIn
    case notEquals
  }

  private static let symbols: [String: Token] = [
    ")": .closing, "(": .opening, ",": .comma, "!": .not, "==": .doubleEquals, "=": .equals, ">": .greater,
    "<": .less, "!=": .notEquals,
  ]

  private var tokens: [(token: Token, text: String)] = []
  private var position = 0

  init(_ text: String) {
    let bytes = Array(text.utf8)
    var index = 0
    let isSpace: (UInt8) -> Bool = { " \t\r\n".utf8.contains($0) }
    let isSymbol: (UInt8) -> Bool = { "=!(),><".utf8.contains($0) }
    while index < bytes.count, bytes[index] != 0 {
      if isSpace(bytes[index]) {
        index += 1
      } else if isSymbol(bytes[index]) {
        // The longest symbol counts: `==` before `=`.
        var end = index + 1
        if end < bytes.count, isSymbol(bytes[end]),
          Self.symbols[String(decoding: bytes[index...end], as: UTF8.self)] != nil
        {
          end += 1
        }
        let symbol = String(decoding: bytes[index..<end], as: UTF8.self)
        tokens.append((Self.symbols[symbol] ?? .fault, symbol))
        index = end
      } else {
        let start = index
        while index < bytes.count, bytes[index] != 0, !isSpace(bytes[index]), !isSymbol(bytes[index]) { index += 1 }
        let word = String(decoding: bytes[start..<index], as: UTF8.self)
        tokens.append((word == "in" ? .isIn : word == "notin" ? .isNotIn : .identifier, word))
      }
    }
    tokens.append((.end, ""))
  }

  mutating func parse() throws(KubernetesAPIError) -> [LabelRequirement] {
    var requirements: [LabelRequirement] = []
    while true {
      let next = peekValue()
      switch next.token {
      case .identifier, .not:
        do {
          requirements.append(try requirement())
        } catch {
          throw fault("unable to parse requirement: \(error.message)")
        }
        let after = takeValue()
        if after.token == .end { return requirements }
        guard after.token == .comma else {
          throw fault("found '\(after.text)', expected: ',' or 'end of string'")
        }
        let following = peekValue()
        guard following.token == .identifier || following.token == .not else {
          throw fault("found '\(following.text)', expected: identifier after ','")
        }
      case .end: return requirements
      default: throw fault("found '\(next.text)', expected: !, identifier, or 'end of string'")
      }
    }
  }

  private mutating func requirement() throws(KubernetesAPIError) -> LabelRequirement {
    var next = takeValue()
    let isNegated = next.token == .not
    if isNegated { next = takeValue() }
    guard next.token == .identifier else { throw fault("found '\(next.text)', expected: identifier") }
    let key = next.text
    let faults = NameRules.qualifiedName(key)
    guard faults.isEmpty else {
      throw fault(LabelRequirement.invalid("<nil>", key.goQuoted, faults.joined(separator: "; ")))
    }
    let isAlone = [.end, .comma].contains(peekValue().token)
    if isNegated { return try LabelRequirement(key: key, .doesNotExist) }
    if isAlone { return try LabelRequirement(key: key, .exists) }
    let kind = try binaryOperator()
    let values = kind == .isIn || kind == .isNotIn ? try valueSet() : [try exactValue()]
    return try LabelRequirement(key: key, kind, values)
  }

  private mutating func binaryOperator() throws(KubernetesAPIError) -> LabelRequirement.Operator {
    let next = take()
    switch next.token {
    case .isIn: return .isIn
    case .isNotIn: return .isNotIn
    case .equals: return .equals
    case .doubleEquals: return .doubleEquals
    case .notEquals: return .notEquals
    case .greater: return .greaterThan
    case .less: return .lessThan
    default: throw fault("found '\(next.text)', expected: in, notin, =, ==, !=, gt, lt")
    }
  }

  /// `(a,b)`; an empty place stands for the empty value.
  private mutating func valueSet() throws(KubernetesAPIError) -> [String] {
    let opening = takeValue()
    guard opening.token == .opening else { throw fault("found '\(opening.text)' expected: '('") }
    var values: [String] = []
    var isPlaceOpen = true
    while true {
      let next = takeValue()
      switch next.token {
      case .identifier:
        guard isPlaceOpen else { throw fault("found '\(next.text)', expected: ',' or ')'") }
        values.append(next.text)
        isPlaceOpen = false
      case .comma:
        if isPlaceOpen { values.append("") }
        isPlaceOpen = true
      case .closing:
        if isPlaceOpen { values.append("") }
        return values
      default: throw fault("found '\(next.text)', expected: ',', ')' or identifier")
      }
    }
  }

  private mutating func exactValue() throws(KubernetesAPIError) -> String {
    if [.end, .comma].contains(peekValue().token) { return "" }
    let next = takeValue()
    guard next.token == .identifier else { throw fault("found '\(next.text)', expected: identifier") }
    return next.text
  }

  /// `in` and `notin` are words where a key or a value stands.
  private func asValue(_ item: (token: Token, text: String)) -> (token: Token, text: String) {
    item.token == .isIn || item.token == .isNotIn ? (.identifier, item.text) : item
  }

  private func peekValue() -> (token: Token, text: String) { asValue(tokens[min(position, tokens.count - 1)]) }

  private mutating func take() -> (token: Token, text: String) {
    defer { position += 1 }
    return tokens[min(position, tokens.count - 1)]
  }

  private mutating func takeValue() -> (token: Token, text: String) { asValue(take()) }

  private func fault(_ message: String) -> KubernetesAPIError { KubernetesAPIError(.invalidSelector, message) }
}
