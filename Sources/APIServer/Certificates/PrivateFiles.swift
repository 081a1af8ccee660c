import Foundation
import Glibc

/// Files that only their owner may read.
enum PrivateFiles {
  static func createDirectory(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw CertificateError(.fileSystem, "cannot create the folder \(path): \(error.localizedDescription)")
    }
  }

  /// The text of `path`; where there is no such file, `make` gives it. The file appears whole or not at all, and an
  /// existing one is never replaced.
  static func readOrCreate(_ path: String, make: () throws -> String) throws -> String {
    if let text = try read(path) { return text }
    let text = try make()
    let temporary = try writeTemporary(beside: path, text)
    defer { unlink(temporary) }
    guard link(temporary, path) == 0 else {
      let code = errno
      if code == EEXIST, let existing = try read(path) { return existing }
      throw CertificateError(.fileSystem, "cannot create \(path): \(String(cString: strerror(code)))")
    }
    return text
  }

  /// Writes `text`, whole or not at all, over what is there.
  static func replace(_ path: String, with text: String) throws {
    let temporary = try writeTemporary(beside: path, text)
    guard rename(temporary, path) == 0 else {
      let code = errno
      unlink(temporary)
      throw CertificateError(.fileSystem, "cannot write \(path): \(String(cString: strerror(code)))")
    }
  }

  private static func read(_ path: String) throws -> String? {
    guard access(path, F_OK) == 0 else { return nil }
    do {
      return try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw CertificateError(.fileSystem, "cannot read \(path): \(error.localizedDescription)")
    }
  }

  private static func writeTemporary(beside path: String, _ text: String) throws -> String {
    var template = Array("\(path).XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)  // Mode 0600 from the start.
    guard descriptor >= 0 else {
      throw CertificateError(.fileSystem, "cannot create a file beside \(path): \(String(cString: strerror(errno)))")
    }
    let temporary = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
      let code = errno
      unlink(temporary)
      throw CertificateError(.fileSystem, "cannot write \(temporary): \(String(cString: strerror(code)))")
    }
    return temporary
  }
}
