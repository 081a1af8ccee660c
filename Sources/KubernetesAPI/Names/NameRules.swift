/// The rules for names, label keys and label values. Each returns what is wrong in upstream's words; empty is good.
///
/// Source: RFC 1123, and the messages of Kubernetes' `apimachinery` validation.
package enum NameRules {
  package static let labelLimit = 63
  package static let subdomainLimit = 253

  /// A DNS label of RFC 1123: `web-1`.
  package static func dnsLabel(_ text: String) -> [String] {
    var faults: [String] = []
    if text.utf8.count > labelLimit { faults.append(tooLong(labelLimit)) }
    if !isDNSLabel(text.utf8) {
      faults.append(
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
          + "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
          + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')")
    }
    return faults
  }

  /// A DNS subdomain of RFC 1123: `web.example.com`.
  package static func dnsSubdomain(_ text: String) -> [String] {
    var faults: [String] = []
    if text.utf8.count > subdomainLimit { faults.append(tooLong(subdomainLimit)) }
    let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    if !labels.allSatisfy(isDNSLabel) {
      faults.append(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
          + "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
          + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')")
    }
    return faults
  }

  /// A DNS label of RFC 1035, as Service names must be: it starts with a letter.
  package static func dns1035Label(_ text: String) -> [String] {
    var faults: [String] = []
    if text.utf8.count > labelLimit { faults.append(tooLong(labelLimit)) }
    if !isDNSLabel(text.utf8) || !text.utf8.first!.isLowerCaseLetter {
      faults.append(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
          + "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
          + "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')")
    }
    return faults
  }

  /// A label or annotation key: `app` or `example.com/app`.
  package static func qualifiedName(_ text: String) -> [String] {
    let rule =
      "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
      + "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
      + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2 else {
      return ["a qualified name \(rule) with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"]
    }
    var faults: [String] = []
    if parts.count == 2 {
      faults =
        parts[0].isEmpty ? ["prefix part must be non-empty"] : dnsSubdomain(parts[0]).map { "prefix part \($0)" }
    }
    let name = parts[parts.count - 1]
    if name.isEmpty {
      faults.append("name part must be non-empty")
    } else if name.utf8.count > labelLimit {
      faults.append("name part \(tooLong(labelLimit))")
    }
    if !isLabelText(name.utf8) { faults.append("name part \(rule)") }
    return faults
  }

  /// A label's value: empty, or as a label key's name part.
  package static func labelValue(_ text: String) -> [String] {
    var faults: [String] = []
    if text.utf8.count > labelLimit { faults.append(tooLong(labelLimit)) }
    if !text.isEmpty, !isLabelText(text.utf8) {
      faults.append(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
          + "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
          + "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')")
    }
    return faults
  }

  /// A port's name (RFC 6335): at most 15 characters, one letter at least.
  package static func portName(_ text: String) -> [String] {
    var faults: [String] = []
    if text.utf8.count > 15 { faults.append(tooLong(15)) }
    if text.isEmpty || !text.utf8.allSatisfy({ $0.isLowerCaseLetter || $0.isDigit || $0 == UInt8(ascii: "-") }) {
      faults.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    }
    if !text.utf8.contains(where: \.isLowerCaseLetter) { faults.append("must contain at least one letter (a-z)") }
    if text.contains("--") { faults.append("must not contain consecutive hyphens") }
    if text.hasPrefix("-") || text.hasSuffix("-") { faults.append("must not begin or end with a hyphen") }
    return faults
  }

  private static func tooLong(_ limit: Int) -> String { "must be no more than \(limit) bytes" }

  private static func isDNSLabel(_ text: some BidirectionalCollection<UInt8>) -> Bool {
    guard let first = text.first, let last = text.last else { return false }
    return (first.isLowerCaseLetter || first.isDigit) && (last.isLowerCaseLetter || last.isDigit)
      && text.allSatisfy { $0.isLowerCaseLetter || $0.isDigit || $0 == UInt8(ascii: "-") }
  }

  private static func isLabelText(_ text: String.UTF8View) -> Bool {
    guard let first = text.first, let last = text.last else { return false }
    return first.isAlphanumeric && last.isAlphanumeric
      && text.allSatisfy { $0.isAlphanumeric || "-_.".utf8.contains($0) }
  }
}

extension UInt8 {
  var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
  var isLowerCaseLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
  var isAlphanumeric: Bool {
    isDigit || isLowerCaseLetter || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
  }
}
