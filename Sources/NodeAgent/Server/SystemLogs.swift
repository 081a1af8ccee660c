import Glibc
import LinuxKernel

/// The node's own logs, as a tree of files to look into; nothing outside the folder can be reached.
struct SystemLogs: Sendable {
  let root: String

  enum Entry: Sendable {
    /// Of a folder; of folders among them with a slash behind.
    case names([String])
    case file(LogFile)
  }

  /// A file that is read on, whatever name it gets meanwhile.
  final class LogFile: Sendable {
    private let descriptor: FileDescriptor

    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

    /// Empty at the end.
    func next() async throws -> [UInt8] {
      try await BlockingThread.run { [self] in try descriptor.read(upTo: 64 << 10) }
    }
  }

  /// - Returns: `nil` where there is nothing that could be shown.
  func entry(_ path: String) async throws -> Entry? {
    try await BlockingThread.run { try find(path.isEmpty ? "." : path) }
  }

  private func find(_ path: String) throws -> Entry? {
    let found: FileDescriptor
    do {
      found = try FolderRoot(root).find(path)
    } catch {
      // Missing, not a folder on the way, or outside.
      return nil
    }
    let raw = found.rawValue
    var information = stat()
    try systemCall("fstat", path) { fstat(raw, &information) }
    let place = "/proc/thread-self/fd/\(raw)"
    switch information.st_mode & S_IFMT {
    case S_IFDIR:
      return .names(
        FileTree.names(in: place).map { name in
          var child = stat()
          let isFolder = lstat("\(place)/\(name)", &child) == 0 && child.st_mode & S_IFMT == S_IFDIR
          return isFolder ? name + "/" : name
        })
    case S_IFREG: return .file(LogFile(try FileDescriptor.open(place)))
    default: return nil
    }
  }

  /// A page with links to what is in a folder.
  static func page(_ names: [String]) -> String {
    "<pre>\n" + names.map { "<a href=\"\(escaped($0, inLink: true))\">\(escaped($0, inLink: false))</a>\n" }.joined()
      + "</pre>\n"
  }

  private static func escaped(_ name: String, inLink: Bool) -> String {
    name.utf8.reduce(into: "") { result, byte in
      let character = Character(Unicode.Scalar(byte))
      if inLink {
        let isPlain = byte < 0x80 && (character.isLetter || character.isNumber || "-._~/".contains(character))
        result += isPlain ? String(character) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      } else {
        switch character {
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "&": result += "&amp;"
        case "\"": result += "&#34;"
        default: result += byte < 0x80 ? String(character) : "?"
        }
      }
    }
  }
}
