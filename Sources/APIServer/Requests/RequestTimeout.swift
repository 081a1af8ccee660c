import KubernetesAPI

/// The `timeout` parameter of requests that end by themselves: a duration as Go writes it. What is asked here is answered
/// in less than any sensible one, so it is judged and not kept.
enum RequestTimeout {
  private static let longVerbs: Set<String> = ["watch", "proxy"]
  static let longSubresources: Set<String> = ["attach", "exec", "proxy", "log", "portforward"]
  private static let units: Set<String> = ["ns", "us", "\u{b5}s", "\u{3bc}s", "ms", "s", "m", "h"]

  /// Throws a 400 for a text that is no duration.
  static func check(_ query: QueryParameters, _ info: RequestInfo?) throws(APIStatus) {
    guard let text = query.text("timeout") else { return }
    if let info, longVerbs.contains(info.verb) || longSubresources.contains(info.subresource) { return }
    guard let fault = fault(text) else { return }
    throw .badRequest("invalid timeout specified in the request URL - time: \(fault)")
  }

  /// What Go finds wrong with a duration; `nil` for nothing.
  static func fault(_ text: String) -> String? {
    let invalid = "invalid duration \(text.goQuoted)"
    var rest = text[...]
    if rest.first == "-" || rest.first == "+" { rest = rest.dropFirst() }
    if rest == "0" { return nil }
    if rest.isEmpty { return invalid }
    while !rest.isEmpty {
      let whole = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(whole.count)
      var digits = whole.count
      if rest.first == "." {
        let fraction = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(1 + fraction.count)
        digits += fraction.count
      }
      if digits == 0 { return invalid }
      let unit = rest.prefix { $0 != "." && !($0.isASCII && $0.isNumber) }
      if unit.isEmpty { return "missing unit in duration \(text.goQuoted)" }
      guard units.contains(String(unit)) else {
        return "unknown unit \(String(unit).goQuoted) in duration \(text.goQuoted)"
      }
      rest = rest.dropFirst(unit.count)
    }
    return nil
  }
}
