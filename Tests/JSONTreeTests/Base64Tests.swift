import JSONTree
import Testing

@Suite struct Base64Tests {
  /// RFC 4648, section 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ])
  func vectorsOfTheStandard(plain: String, encoded: String) {
    let bytes = Array(plain.utf8)
    #expect(Base64.encode(bytes) == encoded)
    #expect(Base64.decode(encoded) == bytes)
    #expect(Base64.firstFault(in: encoded) == nil)
    let bare = encoded.filter { $0 != "=" }
    #expect(Base64.encode(bytes, alphabet: .url) == bare)
    #expect(Base64.decode(bare, alphabet: .url) == bytes)
    #expect(Base64.decode(bare, alphabet: .lenient) == bytes)
  }

  /// With the offset of what is wrong.
  @Test(arguments: [
    ("Zg", 2), ("Zg=", 3), ("Z", 1), ("Z!==", 1), ("Zg==Zg==", 4), ("=", 0), ("Zm9v====", 4), ("Zg ==", 2), ("a-_=", 1),
  ])
  func malformedTextIsRefused(text: String, offset: Int) {
    #expect(Base64.decode(text) == nil)
    #expect(Base64.firstFault(in: text) == offset)
  }

  @Test func leftOverBitsMatterInTokensOnly() {
    for (text, plain) in [("Zh==", "f"), ("Zm9=", "fo")] {
      #expect(Base64.decode(text) == Array(plain.utf8))
      #expect(Base64.firstFault(in: text) == nil)
      #expect(Base64.decode(text.filter { $0 != "=" }, alphabet: .url) == nil)
    }
  }

  @Test func whiteSpaceIsSkippedWhereItMayBe() {
    #expect(Base64.decode("Zm9v\r\nYmFy\n") == Array("foobar".utf8))
    #expect(Base64.decode("Zm9v\nYmFy", alphabet: .url) == nil)
    #expect(Base64.decode(" Zm9v\r\n\tYg=\n", alphabet: .lenient) == Array("foob".utf8))
    for text in ["Z", "Zg==Zg==", "Z!==", "a-_="] { #expect(Base64.decode(text, alphabet: .lenient) == nil) }
  }

  @Test func everyByteSurvives() {
    let bytes = (0...255).map(UInt8.init)
    #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    #expect(Base64.decode(Base64.encode(bytes, alphabet: .url), alphabet: .url) == bytes)
  }
}
