import JSONTree
import Testing

@Suite struct Base64Tests {
  /// RFC 4648, section 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ])
  func vectorsOfTheStandard(plain: String, encoded: String) {
    #expect(Base64.encode(Array(plain.utf8)) == encoded)
    #expect(Base64.decode(encoded) == Array(plain.utf8))
    let bare = encoded.filter { $0 != "=" }
    #expect(Base64.encode(Array(plain.utf8), alphabet: .url) == bare)
    #expect(Base64.decode(bare, alphabet: .url) == Array(plain.utf8))
  }

  @Test(arguments: ["Zg", "Zg=", "Z", "Zh==", "Zm9=", "Z!==", "Zg==Zg==", "=", "Zm9v===="])
  func malformedTextIsRefused(text: String) { #expect(Base64.decode(text) == nil) }

  @Test func everyByteSurvives() {
    let bytes = (0...255).map(UInt8.init)
    #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    #expect(Base64.decode(Base64.encode(bytes, alphabet: .url), alphabet: .url) == bytes)
  }
}
