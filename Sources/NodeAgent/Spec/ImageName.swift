/// The parts of an image's name.
enum ImageName {
  /// Whether what the name means may change: no tag, or `latest`, and no digest.
  static func isMutable(_ reference: String) -> Bool {
    guard !reference.contains("@") else { return false }
    let last = reference.split(separator: "/").last ?? ""
    guard let colon = last.firstIndex(of: ":") else { return true }
    return last[last.index(after: colon)...] == "latest"
  }

  /// The registry a name refers to; Docker's where it names none.
  static func registry(of reference: String) -> String {
    let parts = reference.split(separator: "/")
    guard parts.count > 1, let first = parts.first, first.contains(".") || first.contains(":") || first == "localhost"
    else { return "docker.io" }
    return String(first)
  }
}
