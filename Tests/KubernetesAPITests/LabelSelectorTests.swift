import JSONTree
import KubernetesAPI
import Testing

@Suite struct LabelSelectorTests {
  @Test(arguments: [
    ("", [:], true), ("a=b", ["a": "b"], true), ("a==b", ["a": "c"], false), ("a!=b", [:], true),
    ("a!=b", ["a": "b"], false), ("a", ["a": ""], true), ("!a", ["a": ""], false), ("!a", [:], true),
    ("a in (x,y)", ["a": "y"], true), ("a in (x,y)", [:], false), ("a notin (x,y)", [:], true),
    ("a notin (x,y)", ["a": "x"], false), ("a>3", ["a": "4"], true), ("a>3", ["a": "x"], false),
    ("a<3", ["a": "2"], true), ("a=", ["a": ""], true), ("in in (in,notin)", ["in": "notin"], true),
    ("a=b,c!=d,e", ["a": "b", "e": "1"], true), ("x in (foo,,baz),y,z notin ()", ["x": "", "y": "1", "z": "q"], true),
    (" a \t= b , c ", ["a": "b", "c": ""], true),
  ]) func matchesAsWritten(_ text: String, _ labels: [String: String], _ expected: Bool) throws {
    #expect(try LabelSelector(text).matches(labels) == expected)
  }

  @Test(arguments: [
    ("x==y", "x==y"), ("b=2,a=1", "a=1,b=2"), ("x in (c,a,b)", "x in (a,b,c)"), ("x in (,a)", "x in (,a)"),
    ("!x", "!x"), ("x>1", "x>1"), ("x notin ()", "x notin ()"),
  ]) func printsUpstreamsSyntax(_ text: String, _ expected: String) throws {
    #expect(try LabelSelector(text).description == expected)
  }

  @Test(arguments: [
    ("x==a==b", "found '==', expected: ',' or 'end of string'"),
    ("!x=a", "found '=', expected: ',' or 'end of string'"),
    (
      "x<a",
      "unable to parse requirement: values[0]: Invalid value: \"a\": "
        + "for 'Gt', 'Lt' operators, the value must be an integer"
    ),
    (",a", "found ',', expected: !, identifier, or 'end of string'"),
    ("a,", "found '', expected: identifier after ','"),
    ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
    ("a in b", "unable to parse requirement: found 'b' expected: '('"),
    ("a in (b", "unable to parse requirement: found '', expected: ',', ')' or identifier"),
    ("a=(", "unable to parse requirement: found '(', expected: identifier"),
  ]) func refusesWithUpstreamsWords(_ text: String, _ message: String) {
    let error = #expect(throws: KubernetesAPIError.self) { try LabelSelector(text) }
    #expect(error?.code == .invalidSelector)
    #expect(error?.message == message)
  }

  @Test func namesTheInvalidKey() {
    let error = #expect(throws: KubernetesAPIError.self) { try LabelSelector("-a=b") }
    #expect(
      error?.message.hasPrefix("unable to parse requirement: <nil>: Invalid value: \"-a\": name part must") == true)
    let long = String(repeating: "v", count: 64)
    let tooLong = #expect(throws: KubernetesAPIError.self) { try LabelSelector("a=\(long)") }
    #expect(
      tooLong?.message
        == "unable to parse requirement: values[0][a]: Invalid value: \"\(long)\": must be no more than 63 bytes")
  }

  @Test func objectsOfTypeLabelSelector() throws {
    let selector = try LabelSelector(
      object: [
        "matchLabels": ["app": "web"],
        "matchExpressions": [
          ["key": "tier", "operator": "In", "values": ["a", "b"]], ["key": "old", "operator": "DoesNotExist"],
        ],
      ])
    #expect(selector.description == "app=web,!old,tier in (a,b)")
    #expect(selector.matches(["app": "web", "tier": "a"]))
    #expect(!selector.matches(["app": "web", "tier": "a", "old": ""]))
    #expect(try LabelSelector(object: nil).matchesNothing)
    #expect(try !LabelSelector(object: nil).matches([:]))
    #expect(try LabelSelector(object: [:]).matchesEverything)
    let error = #expect(throws: KubernetesAPIError.self) {
      try LabelSelector(object: ["matchExpressions": [["key": "a", "operator": "Near"]]])
    }
    #expect(error?.message == "\"Near\" is not a valid label selector operator")
  }

  @Test func exactValuesServeIndexes() throws {
    #expect(try LabelSelector("a=b,c in (d),e in (f,g)").exactValue(of: "a") == "b")
    #expect(try LabelSelector("c in (d)").exactValue(of: "c") == "d")
    #expect(try LabelSelector("e in (f,g)").exactValue(of: "e") == nil)
  }

  @Test func randomBytesNeverTrap() {
    var generator = SystemRandomNumberGenerator()
    let alphabet = Array("ab=!(),<> in\u{0}notin-/\t".utf8)
    for _ in 0..<5000 {
      let text = String(
        decoding: (0..<Int.random(in: 0...24, using: &generator)).map { _ in alphabet.randomElement()! }, as: UTF8.self)
      guard let selector = try? LabelSelector(text) else { continue }
      #expect((try? LabelSelector(selector.description)) == selector, "\(text)")
    }
  }
}
