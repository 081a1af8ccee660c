import JSONTree
import KubernetesAPI
import Testing

@Suite struct NamesTests {
  @Test(arguments: [
    ("web-1", true), ("1", true), ("", false), ("-a", false), ("a-", false), ("A", false), ("a.b", false),
    (String(repeating: "a", count: 63), true), (String(repeating: "a", count: 64), false), ("ä", false),
  ]) func dnsLabels(_ text: String, _ isGood: Bool) { #expect(NameRules.dnsLabel(text).isEmpty == isGood) }

  @Test(arguments: [
    ("a.b-c.d", true), ("a..b", false), (".a", false), ("a.", false), ("a_b", false),
    (String(repeating: "a", count: 253), true), (String(repeating: "a", count: 254), false),
  ]) func dnsSubdomains(_ text: String, _ isGood: Bool) { #expect(NameRules.dnsSubdomain(text).isEmpty == isGood) }

  @Test(arguments: [
    ("app", true), ("example.com/App_1.x", true), ("/a", false), ("a/", false), ("a/b/c", false), ("Ex.com/a", false),
    (String(repeating: "a", count: 64), false),
  ]) func qualifiedNames(_ text: String, _ isGood: Bool) { #expect(NameRules.qualifiedName(text).isEmpty == isGood) }

  @Test func serviceNamesBeginWithALetter() {
    #expect(NameRules.dns1035Label("web-1").isEmpty)
    #expect(!NameRules.dns1035Label("1web").isEmpty)
    #expect(NameRules.labelValue("").isEmpty && NameRules.labelValue("a_B.9").isEmpty)
    #expect(!NameRules.labelValue("a b").isEmpty)
    #expect(NameRules.portName("http").isEmpty && !NameRules.portName("80").isEmpty)
    #expect(!NameRules.portName("a--b").isEmpty)
  }

  @Test func generatedNamesFit() {
    let name = GeneratedName.from(String(repeating: "a", count: 80))
    #expect(name.utf8.count == 63)
    #expect(GeneratedName.from("web-").hasPrefix("web-"))
    #expect(GeneratedName.suffix(200).utf8.allSatisfy(GeneratedName.alphabet.contains))
    #expect(Set((0..<100).map { _ in GeneratedName.from("a") }).count > 90)
  }

  @Test func uidsAreVersionFour() {
    let uid = UID.random()
    let parts = uid.split(separator: "-")
    #expect(parts.map(\.utf8.count) == [8, 4, 4, 4, 12])
    #expect(parts[2].hasPrefix("4") && "89ab".contains(parts[3].first!))
    #expect(UID.random() != uid)
  }

  @Test func percentages() throws {
    #expect(try IntOrString.string("25%").scaled(of: 10, roundingUp: true) == 3)
    #expect(try IntOrString.string("25%").scaled(of: 10, roundingUp: false) == 2)
    #expect(try IntOrString.string("0%").scaled(of: 10, roundingUp: true) == 0)
    #expect(try IntOrString.int(7).scaled(of: 10, roundingUp: true) == 7)
    #expect(throws: KubernetesAPIError.self) { try IntOrString.string("x%").scaled(of: 1, roundingUp: true) }
    #expect(throws: KubernetesAPIError.self) { try IntOrString.string("http").scaled(of: 1, roundingUp: true) }
    #expect(IntOrString(json: 80) == .int(80) && IntOrString(json: "http") == .string("http"))
    #expect(IntOrString(json: nil) == nil && IntOrString(json: true) == nil)
  }
}
