/// A file of variables, as `fileKeyRef` reads it: a small part of the shell's language, each value in single quotes.
///
/// Blank lines and comments are skipped; a value may span lines and is taken as it is; after it there may be a comment.
enum EnvironmentFile {
  /// The first value of a variable; `nil` where the file has none. What comes after it is not looked at, as upstream
  /// does.
  static func value(of name: String, in text: String) throws(NodeAgentError) -> String? {
    let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .map { withoutReturn(Substring($0)) }
    var index = 0
    while index < lines.count {
      let line = lines[index].drop(while: isBlank)
      index += 1
      guard let first = line.first, first != "#" else { continue }
      let (variable, rest) = try split(line, number: index)
      var found = ""
      if let rest { found = try value(rest, lines, &index) }
      if variable == name { return found }
    }
    return nil
  }

  /// The name and what follows the opening quote; nothing where a space makes the value empty, as in a shell.
  private static func split(_ line: Substring, number: Int) throws(NodeAgentError) -> (Substring, Substring?) {
    guard let equals = line.firstIndex(of: "=") else { throw fault("at line \(number): missing '='") }
    let name = line[..<equals]
    if name.allSatisfy(isBlank) { throw fault("at line \(number): empty variable name") }
    if name.last.map(isBlank) == true { throw fault("at line \(number): whitespace before '=' is not allowed") }
    let value = line[line.index(after: equals)...]
    if value.first.map(isBlank) == true { return (name, nil) }
    guard value.first == "'" else { throw fault("at line \(number): value must be enclosed in single quotes") }
    return (name, value.dropFirst())
  }

  private static func value(
    _ first: Substring, _ lines: [Substring], _ index: inout Int
  ) throws(NodeAgentError) -> String {
    let start = index
    var rest = first
    var value = ""
    while true {
      if let end = rest.firstIndex(of: "'") {
        value += rest[..<end]
        let after = rest[rest.index(after: end)...].drop(while: isBlank)
        guard after.isEmpty || after.first == "#" else {
          throw fault("at line \(index): unexpected content after closing quote")
        }
        return value
      }
      value += rest + "\n"
      guard index < lines.count else { throw fault("starting at line \(start): unclosed single quote") }
      rest = lines[index]
      index += 1
    }
  }

  private static func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }

  private static func withoutReturn(_ line: Substring) -> Substring { line.last == "\r" ? line.dropLast() : line }

  private static func fault(_ what: String) -> NodeAgentError {
    NodeAgentError(
      .createContainerConfigError,
      "couldn't parse env file: invalid environment variable format \(what)")
  }
}
