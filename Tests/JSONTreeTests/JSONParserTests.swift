import JSONTree
import Testing

@Suite struct JSONParserTests {
  @Test(arguments: [
    #"{"a":1,"b":[true,false,null],"c":{"d":"e"}}"#, #"[-1,0,9223372036854775807,-9223372036854775808]"#, #""é\n\"\\""#,
    "[]", "{}", #"{"aVeryLongMemberNameIndeed":1.5}"#,
  ])
  func whatIsParsedIsWrittenAgain(text: String) throws {
    #expect(try JSON.parse(text).description == text)
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\"}", "{\"a\":}", "01", "-", "1.", "1e", "tru", "\"", "\"\\x\"", "\"\\ud800\"", "\"\\udc00\"",
    "\"\u{1}\"", "1 2", "{\"a\":1,\"a\":2}", "[1 2]", "nul", "+1", ".5", "1e999", "{a:1}", "\"\\u12\"",
  ])
  func malformedTextIsRefused(text: String) { #expect(throws: JSONError.self) { try JSON.parse(text) } }

  @Test func invalidUTF8IsRefused() {
    #expect(throws: JSONError.self) { try JSON.parse([0x22, 0xff, 0x22]) }
  }

  @Test func nestingIsLimited() {
    #expect(throws: JSONError.self) { try JSON.parse(String(repeating: "[", count: 100_000)) }
  }

  @Test func surrogatePairsJoin() throws { #expect(try JSON.parse(#""\ud83d\ude00""#).string == "😀") }

  @Test func numbersBeyondInt64BecomeDoubles() throws {
    #expect(try JSON.parse("9223372036854775808") == .double(9_223_372_036_854_775_808))
    #expect(try JSON.parse("1.0").int == 1)
    #expect(try JSON.parse("1e3").int == 1000)
    #expect(JSON.double(3).description == "3")
  }

  @Test func repeatedMembersAreNamedByPath() throws {
    let (value, duplicates) = try JSON.parseNotingDuplicates(#"{"spec":{"c":[{"n":1},{"n":1,"n":2}]},"spec":1}"#.utf8)
    #expect(value["spec"]?.int == 1)
    #expect(duplicates == ["spec.c[1].n", "spec"])
  }

  @Test func pathsReadAndWrite() {
    var value: JSON = ["metadata": ["name": "a"]]
    value[path: "metadata", "labels", "app"] = "web"
    #expect(value[path: "metadata", "labels", "app"]?.string == "web")
    value[path: "metadata", "labels"] = nil
    value[path: "spec", "none"] = nil
    #expect(value == ["metadata": ["name": "a"]])
  }

  @Test func objectsAreEqualInAnyOrder() {
    let left: JSON = ["a": 1, "b": 2]
    let right: JSON = ["b": 2, "a": 1]
    #expect(left == right)
    #expect(left.hashValue == right.hashValue)
    #expect(left != ["a": 1])
  }

  @Test func indentedTextIsReadable() {
    let value: JSON = ["a": [1, 2], "b": [:]]
    #expect(
      String(decoding: value.encoded(indented: true), as: UTF8.self)
        == "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}")
  }

  @Test func randomBytesNeverCrash() {
    var random = SystemRandomNumberGenerator()
    let alphabet = Array("{}[]\",:\\u0123dDeE+-.truefalsn \u{e9}".utf8)
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 0..<24, using: &random)).map { _ in alphabet.randomElement(using: &random)! }
      // Compared as text: a double without a fraction is written, and then read, as an integer.
      if let value = try? JSON.parse(bytes) {
        #expect((try? JSON.parse(value.encoded()))?.encoded() == value.encoded())
      }
    }
  }
}
