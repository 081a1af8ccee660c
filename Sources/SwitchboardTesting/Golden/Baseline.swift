internal import Glibc

/// Texts that are compared with what was recorded before: the golden tier.
package enum Baseline {
  /// What differs between `text` and the recorded file `Tests/Golden/NAME`; `nil` where they are the same. A missing file
  /// is recorded, which counts as a difference: somebody must look at it and commit it.
  package static func difference(_ text: String, from name: String, testFile: String = #filePath) -> String? {
    guard let tests = testFile.range(of: "/Tests/") else { return "\(testFile) lies in no folder named Tests" }
    let path = testFile[..<tests.upperBound] + "Golden/" + name
    guard let recorded = read(String(path)) else {
      return write(text, to: String(path)) ? "recorded \(path): look at it and commit it" : "cannot write \(path)"
    }
    let old = recorded.split(separator: "\n", omittingEmptySubsequences: false)
    let new = text.split(separator: "\n", omittingEmptySubsequences: false)
    if old == new { return nil }
    let line = zip(old, new).enumerated().first { $1.0 != $1.1 }?.offset ?? min(old.count, new.count)
    let was = line < old.count ? String(old[line]) : "(nothing)"
    let now = line < new.count ? String(new[line]) : "(nothing)"
    return
      "\(path) line \(line + 1) was: \(was)\nis now: \(now)\nIf that is right, remove the file and run the test again."
  }

  private static func read(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func write(_ text: String, to path: String) -> Bool {
    var folder = ""
    for part in path.split(separator: "/").dropLast() {
      folder += "/\(part)"
      mkdir(folder, 0o755)
    }
    guard let file = fopen(path, "w") else { return false }
    defer { fclose(file) }
    return fputs(text, file) >= 0
  }
}

extension String {
  /// The first place of `text`.
  fileprivate func range(of text: String) -> Range<String.Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}
