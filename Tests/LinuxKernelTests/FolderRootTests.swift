import Glibc
import LinuxKernel
import Testing

@Suite struct FolderRootTests {
  /// A folder `root` with links of every kind beside a folder `outside`.
  private func withTree(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/switchboard-root.XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) != nil }
    try #require(made)
    let path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    defer { try? FileTree.remove(path) }
    try KernelFile.makeFolder("\(path)/root/real/deep")
    try KernelFile.makeFolder("\(path)/outside")
    try KernelFile.replace("\(path)/root/real/file", with: Array("inside".utf8))
    for (name, target) in [
      ("up", "../outside"), ("absolute", "/etc"), ("within", "real"), ("twisted", "real/../real/deep"),
      ("dangling", "nowhere"), ("self", "."),
    ] { symlink(target, "\(path)/root/\(name)") }
    try body(path)
  }

  private func errorNumber(_ body: () throws -> Void) -> Int32 {
    do {
      try body()
      return 0
    } catch { return (error as? KernelError)?.errno ?? -1 }
  }

  @Test func whatLiesBelowIsFound() throws {
    try withTree { path in
      let root = try FolderRoot("\(path)/root")
      for name in ["real/file", "within/file", "twisted", "self/real", "real/../real/file", "./real"] {
        #expect(errorNumber { _ = try root.find(name) } == 0, "\(name)")
      }
    }
  }

  @Test(arguments: ["up", "absolute", "absolute/passwd", "..", "real/../..", "real/../../outside", "self/../.."])
  func nothingLeadsOut(_ name: String) throws {
    try withTree { path in
      let root = try FolderRoot("\(path)/root")
      #expect(errorNumber { _ = try root.find(name) } == EXDEV)
      #expect(errorNumber { try root.makeFolders("\(name)/made", mode: 0o755) } != 0)
      #expect(!KernelFile.exists("\(path)/outside/made"))
    }
  }

  @Test func missingFoldersGetTheMode() throws {
    try withTree { path in
      let root = try FolderRoot("\(path)/root")
      try root.makeFolders("within/a/./b", mode: 0o2775)
      for name in ["real/a", "real/a/b"] {
        var information = stat()
        #expect(stat("\(path)/root/\(name)", &information) == 0)
        #expect(information.st_mode & 0o7777 == 0o2775)
      }
      // What is there keeps its own.
      var information = stat()
      #expect(stat("\(path)/root/real", &information) == 0 && information.st_mode & 0o7777 == 0o755)
      #expect(errorNumber { try root.makeFolders("real/file/x", mode: 0o755) } == ENOTDIR)
      #expect(errorNumber { try root.makeFolders("dangling/x", mode: 0o755) } != 0)
      #expect(!KernelFile.exists("\(path)/root/nowhere"))
    }
  }
}
