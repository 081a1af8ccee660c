/// Makes the links of a page that was reached by proxy lead through the proxy again, part by part as it comes.
///
/// It knows as much of HTML as that takes: tags and their attributes, comments, and the elements whose content is no
/// markup. Everything else passes as it is.
struct LinkRewriter {
  /// What a link becomes.
  private let rewrite: (String) -> String
  /// The beginning of a tag or a comment whose end has not come.
  private var kept: [UInt8] = []
  /// The element whose content is text up to its end tag.
  private var textElement: [UInt8]?

  /// A tag longer than this is none, and passes.
  static let maximumTag = 64 << 10

  init(rewrite: @escaping (String) -> String) { self.rewrite = rewrite }

  /// The attributes that are addresses, by element; as upstream.
  private static let addresses: [String: Set<String>] = [
    "a": ["href"], "applet": ["codebase"], "area": ["href"], "audio": ["src"], "base": ["href"],
    "blockquote": ["cite"], "body": ["background"], "button": ["formaction"], "command": ["icon"], "del": ["cite"],
    "embed": ["src"], "form": ["action"], "frame": ["longdesc", "src"], "head": ["profile"], "html": ["manifest"],
    "iframe": ["longdesc", "src"], "img": ["longdesc", "src", "usemap"], "input": ["src", "usemap", "formaction"],
    "ins": ["cite"], "link": ["href"], "object": ["classid", "codebase", "data", "usemap"], "q": ["cite"],
    "script": ["src"], "source": ["src"], "video": ["poster", "src"],
  ]
  private static let textElements: Set<String> = [
    "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext",
  ]

  mutating func rewrite(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    kept += bytes
    var output: [UInt8] = []
    output.reserveCapacity(kept.count + 64)
    var index = 0
    while index < kept.count {
      guard let start = kept[index...].firstIndex(of: UInt8(ascii: "<")) else {
        output += kept[index...]
        index = kept.count
        break
      }
      output += kept[index..<start]
      guard let end = end(from: start) else {
        index = start
        if kept.count - start > Self.maximumTag {
          output.append(kept[start])
          index = start + 1
          continue
        }
        break
      }
      output += changed(start..<end)
      index = end
    }
    kept.removeFirst(index)
    return output
  }

  /// What is left when nothing more will come.
  mutating func finish() -> [UInt8] {
    defer { kept = [] }
    return kept
  }

  /// Behind the tag or comment that begins at `start`; `nil` where it is not all there. What only looks like a tag ends
  /// behind its first character.
  private func end(from start: Int) -> Int? {
    guard start + 1 < kept.count else { return nil }
    let next = kept[start + 1]
    if let element = textElement {
      let mark = Array("</".utf8) + element
      guard start + mark.count < kept.count else { return isPrefix(start, of: mark) ? nil : start + 1 }
      guard zip(kept[start...], mark).allSatisfy({ Self.lower($0) == $1 }) else { return start + 1 }
    } else if next == UInt8(ascii: "!") {
      if start + 4 > kept.count { return nil }
      guard kept[start + 2] == UInt8(ascii: "-"), kept[start + 3] == UInt8(ascii: "-") else { return closing(start) }
      return commentEnd(start)
    } else if !(Self.isLetter(next) || next == UInt8(ascii: "/") || next == UInt8(ascii: "?")) {
      return start + 1
    }
    return closing(start)
  }

  private func isPrefix(_ start: Int, of mark: [UInt8]) -> Bool {
    zip(kept[start...], mark).allSatisfy { Self.lower($0) == $1 }
  }

  private func commentEnd(_ start: Int) -> Int? {
    var index = start + 4
    while index + 2 < kept.count {
      if kept[index] == UInt8(ascii: "-"), kept[index + 1] == UInt8(ascii: "-"), kept[index + 2] == UInt8(ascii: ">") {
        return index + 3
      }
      index += 1
    }
    return nil
  }

  /// Behind the next `>` that stands in no quoted value.
  private func closing(_ start: Int) -> Int? {
    var quote: UInt8?
    var isAfterEquals = false
    for index in (start + 1)..<kept.count {
      let byte = kept[index]
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: ">") {
        return index + 1
      } else if isAfterEquals, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      }
      if !Self.isSpace(byte) { isAfterEquals = byte == UInt8(ascii: "=") }
    }
    return nil
  }

  /// A tag with its addresses rewritten.
  private mutating func changed(_ range: Range<Int>) -> [UInt8] {
    let tag = kept[range]
    guard tag.count > 2 else { return Array(tag) }
    if tag[range.lowerBound + 1] == UInt8(ascii: "/") {
      textElement = nil
      return Array(tag)
    }
    guard Self.isLetter(tag[range.lowerBound + 1]) else { return Array(tag) }
    let nameEnd =
      tag[(range.lowerBound + 1)...].firstIndex {
        Self.isSpace($0) || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ">")
      } ?? range.upperBound
    let name = tag[(range.lowerBound + 1)..<nameEnd].map(Self.lower)
    let element = String(decoding: name, as: UTF8.self)
    if Self.textElements.contains(element) { textElement = name }
    guard let wanted = Self.addresses[element] else { return Array(tag) }
    var output = Array(tag[..<nameEnd])
    var index = nameEnd
    while let attribute = TagAttribute(tag, from: index) {
      output += tag[index..<attribute.value.lowerBound]
      let value = tag[attribute.value]
      output += wanted.contains(attribute.name) ? rewritten(value) : Array(value)
      index = attribute.value.upperBound
    }
    return output + tag[index...]
  }

  private func rewritten(_ value: ArraySlice<UInt8>) -> [UInt8] {
    let text = String(decoding: value, as: UTF8.self)
    // Most links have no other character reference than this one.
    let plain = text.split(separator: "&amp;", omittingEmptySubsequences: false).joined(separator: "&")
    let result = rewrite(plain)
    guard result != plain else { return Array(value) }
    return Array(result.split(separator: "&", omittingEmptySubsequences: false).joined(separator: "&amp;").utf8)
  }

  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) }
  fileprivate static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5a).contains(byte) ? byte | 0x20 : byte }
}

/// The next attribute of a tag that has a value.
private struct TagAttribute {
  let name: String
  /// Without its quotes.
  let value: Range<Int>

  init?(_ tag: ArraySlice<UInt8>, from start: Int) {
    var index = start
    func skip(_ condition: (UInt8) -> Bool) { while index < tag.endIndex, condition(tag[index]) { index += 1 } }
    while true {
      skip { LinkRewriter.isSpace($0) || $0 == UInt8(ascii: "/") }
      guard index < tag.endIndex, tag[index] != UInt8(ascii: ">") else { return nil }
      let nameStart = index
      // A name may begin with an equals sign, and with nothing else that ends one.
      index += 1
      skip { !LinkRewriter.isSpace($0) && ![UInt8(ascii: "="), UInt8(ascii: ">"), UInt8(ascii: "/")].contains($0) }
      let name = String(decoding: tag[nameStart..<index].map(LinkRewriter.lower), as: UTF8.self)
      skip(LinkRewriter.isSpace)
      guard index < tag.endIndex, tag[index] == UInt8(ascii: "=") else { continue }
      index += 1
      skip(LinkRewriter.isSpace)
      guard index < tag.endIndex else { return nil }
      let quote = tag[index]
      if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
        index += 1
        let valueStart = index
        skip { $0 != quote }
        value = valueStart..<index
      } else {
        let valueStart = index
        skip { !LinkRewriter.isSpace($0) && $0 != UInt8(ascii: ">") }
        value = valueStart..<index
      }
      self.name = name
      return
    }
  }
}
