import KubernetesAPI
import Testing

@Suite struct FieldSelectorTests {
  @Test(arguments: [
    ("", [:], true), ("status.phase=Running", ["status.phase": "Running"], true),
    ("status.phase==Running", ["status.phase": "Pending"], false), ("a!=b", ["a": "c"], true),
    ("a!=b", ["a": "b"], false), ("a=b,c!=d", ["a": "b"], true), ("a=", [:], true),
    (#"a=x\,y\=z\\"#, ["a": #"x,y=z\"#], true), ("spec.nodeName!=", ["spec.nodeName": "n"], true),
  ]) func matchesAsWritten(_ text: String, _ fields: [String: String], _ expected: Bool) throws {
    let selector = try FieldSelector(text)
    #expect(selector.matches(fields) == expected)
    #expect(try FieldSelector(selector.description) == selector)
  }

  @Test(arguments: [
    ("a", "invalid selector: 'a'; can't understand 'a'"),
    (#"a=b\c"#, #"invalid field selector: invalid escape sequence: \c"#),
    ("a=b=c", "invalid field selector: unescaped character in value: ="),
    (#"a=b\"#, #"invalid field selector: invalid escape sequence: \"#),
  ]) func refusesWithUpstreamsWords(_ text: String, _ message: String) {
    #expect(throws: KubernetesAPIError(.invalidSelector, message)) { try FieldSelector(text) }
  }

  @Test func exactValuesServeIndexes() throws {
    #expect(try FieldSelector("metadata.name=a").exactValue(of: "metadata.name") == "a")
    #expect(try FieldSelector("metadata.name!=a").exactValue(of: "metadata.name") == nil)
  }
}
