import NetworkTypes
import Testing

@Suite struct PercentEncodingTests {
  @Test(arguments: [
    ("", ""), ("plain-._~:", "plain-._~:"), ("a b", "a%20b"), ("1+1=2", "1%2B1%3D2"), ("ä\n", "%C3%A4%0A"),
    ("a/b", "a%2Fb"),
  ])
  func whatIsEncodedComesBack(text: String, encoded: String) {
    #expect(PercentEncoding.encode(text) == encoded)
    #expect(PercentEncoding.decode(encoded[...]) == text)
    #expect(PercentEncoding.decode(encoded[...], plusIsSpace: true) == text)
  }

  @Test func slashesOfAPathMayStay() { #expect(PercentEncoding.encode("/a b/c", keepingSlash: true) == "/a%20b/c") }

  @Test func aPlusIsASpaceInQueriesOnly() {
    #expect(PercentEncoding.decode("a+b") == "a+b")
    #expect(PercentEncoding.decode("a+b%2bc", plusIsSpace: true) == "a b+c")
  }

  @Test(arguments: [("100%", "100%"), ("%4", "%4"), ("%4g%41", "%4gA"), ("%%41", "%A"), ("%ff", "\u{fffd}")])
  func whatIsNoCodeStays(text: String, decoded: String) { #expect(PercentEncoding.decode(text[...]) == decoded) }
}
