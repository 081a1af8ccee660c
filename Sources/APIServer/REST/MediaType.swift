/// The parts of a media type such as `application/json;as=Table;v=v1;g=meta.k8s.io`.
struct MediaType {
  let essence: String
  let parameters: [String: String]

  init(_ text: some StringProtocol) {
    // What nearly everybody says.
    if text == "application/json" {
      (essence, parameters) = ("application/json", [:])
      return
    }
    let parts = text.split(separator: ";")
    essence = parts.first.map { Self.trimmed($0).lowercased() } ?? ""
    var parameters: [String: String] = [:]
    for part in parts.dropFirst() {
      let pair = part.split(separator: "=", maxSplits: 1)
      guard pair.count == 2 else { continue }
      parameters[Self.trimmed(pair[0])] = Self.trimmed(pair[1]).replacing("\"", with: "")
    }
    self.parameters = parameters
  }

  static func essence(_ text: String) -> String { MediaType(text).essence }

  private static func trimmed(_ text: some StringProtocol) -> String {
    String(text.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }

  // MARK: Accept

  /// The types of an `Accept` header, best first: by quality, then types without wildcards.
  static func ranked(_ accept: String) -> [MediaType] {
    accept.split(separator: ",").map { MediaType($0) }.enumerated().sorted { left, right in
      let (a, b) = (left.element, right.element)
      if a.quality != b.quality { return a.quality > b.quality }
      if a.wildcards != b.wildcards { return a.wildcards < b.wildcards }
      return left.offset < right.offset
    }.map(\.element)
  }

  /// The `q` parameter: 1 where there is none.
  private var quality: Double { parameters["q"].flatMap(Double.init) ?? 1 }

  private var wildcards: Int { essence == "*/*" ? 2 : essence.hasSuffix("/*") ? 1 : 0 }
}
