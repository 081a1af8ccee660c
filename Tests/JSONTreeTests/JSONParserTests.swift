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

  /// Names are hashed from some number on: what is found must be the same before, at and after it.
  @Test(arguments: [1, 23, 24, 25, 26, 60]) func aRepeatedMemberIsFoundAmongAnyNumber(count: Int) throws {
    let names = (0..<count).map { "m\($0)" }
    for repeated in [0, count / 2, count - 1] {
      for tail in [0, 1, 40] {
        let all = names + ["m\(repeated)"] + (0..<tail).map { "t\($0)" }
        let text = "{\(all.enumerated().map { "\"\($1)\":\($0)" }.joined(separator: ","))}"
        #expect(throws: JSONError.self) { try JSON.parse(text) }
        let (value, duplicates) = try JSON.parseNotingDuplicates(text.utf8)
        #expect(duplicates == ["m\(repeated)"])
        #expect(value["m\(repeated)"]?.int == Int64(count) && value.object?.count == count + tail)
      }
    }
    let text = "{\(names.map { "\"\($0)\":1" }.joined(separator: ","))}"
    #expect(try JSON.parse(text).object?.keys == names)
  }

  @Test func manyMembersCostWhatTheyWeigh() throws {
    func seconds(_ count: Int) throws -> Double {
      let text = "{\((0..<count).map { "\"member-\($0)\":1" }.joined(separator: ","))}"
      let bytes = Array(text.utf8)
      var members = 0
      let taken = try ContinuousClock().measure { members = try JSON.parse(bytes).object?.count ?? 0 }
      #expect(members == count)
      return taken / .seconds(1)
    }
    let (few, many) = (try seconds(2_000), try seconds(40_000))
    #expect(many < few * 100, "\(few) and \(many) seconds")
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
