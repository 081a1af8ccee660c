/// The parts of an image's name.
enum ImageName {
  /// Whether what the name means may change: no tag, or `latest`, and no digest.
  static func isMutable(_ reference: String) -> Bool {
    guard !reference.contains("@") else { return false }
    let last = reference.split(separator: "/").last ?? ""
    guard let colon = last.firstIndex(of: ":") else { return true }
    return last[last.index(after: colon)...] == "latest"
  }

  /// With the registry it refers to: Docker's where it names none, and without tag and digest.
  static func qualified(_ reference: String) -> String {
    let (domain, path) = split(reference)
    return domain + "/" + path
  }

  private static func split(_ reference: String) -> (domain: String, path: String) {
    var name = reference.prefix { $0 != "@" }
    if let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") { name = name[..<colon] }
    let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count > 1, let first = parts.first,
      first.contains(".") || first.contains(":") || first == "localhost" || first.contains(where: \.isUppercase)
    {
      return (first == "index.docker.io" ? "docker.io" : String(first), String(parts[1]))
    }
    return ("docker.io", name.contains("/") ? String(name) : "library/\(name)")
  }

  /// Why the text names no image, in the words of the library that upstream asks; `nil` where it does. Source: the
  /// grammar in distribution/reference.
  static func fault(in reference: String) -> String? {
    let invalid = "invalid reference format"
    if reference.isEmpty { return invalid }
    let (domain, path) = split(reference)
    if path.contains(where: { $0.isASCII && $0.isUppercase }) {
      let shown = domain == "docker.io" ? path : "\(domain)/\(path)"
      return "\(invalid): repository name (\(shown)) must be lowercase"
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.allSatisfy(isComponent) else { return invalid }
    let rest = reference.drop { $0 != "@" }
    if !rest.isEmpty, !isDigest(rest.dropFirst()) { return invalid }
    let name = reference.prefix { $0 != "@" }
    guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else { return nil }
    return isTag(name[name.index(after: colon)...]) ? nil : invalid
  }

  /// Letters and digits, with a point, one or two underscores or dashes between.
  private static func isComponent(_ part: Substring) -> Bool {
    func isWord(_ character: Character) -> Bool {
      character.isASCII && (character.isLowercase || character.isNumber)
    }
    guard let first = part.first, let last = part.last, isWord(first), isWord(last) else { return false }
    let separators = part.split(whereSeparator: isWord)
    return separators.allSatisfy { $0 == "." || $0 == "_" || $0 == "__" || $0.allSatisfy { $0 == "-" } }
  }

  private static func isTag(_ tag: Substring) -> Bool {
    func isWord(_ character: Character) -> Bool {
      character.isASCII && (character.isLetter || character.isNumber || character == "_")
    }
    guard let first = tag.first, isWord(first), tag.utf8.count <= 128 else { return false }
    return tag.allSatisfy { isWord($0) || $0 == "." || $0 == "-" }
  }

  private static func isDigest(_ digest: Substring) -> Bool {
    let parts = digest.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty else { return false }
    return parts[1].count >= 32 && parts[1].allSatisfy { $0.isASCII && $0.isHexDigit }
  }
}
