import Glibc
import LinuxKernel
import Testing

@testable import NodeAgent

@Suite struct AtomicDirectoryTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path + "/volume" }

  init() throws { folder = try TemporaryFolder() }

  private func file(_ path: String, _ text: String, mode: UInt32 = 0o640) -> AtomicDirectory.File {
    AtomicDirectory.File(path: path, content: Array(text.utf8), mode: mode)
  }

  private func mode(_ name: String) -> UInt32 {
    var information = stat()
    return stat("\(path)/\(name)", &information) == 0 ? information.st_mode & 0o7777 : 0
  }

  private var visible: [String] { FileTree.names(in: path).filter { !$0.hasPrefix("..") }.sorted() }

  @Test func filesAreThereWithTheirModes() throws {
    #expect(try AtomicDirectory(path: path).write([file("a", "1"), file("deep/b", "2", mode: 0o400)]))
    #expect(visible == ["a", "deep"])
    #expect(try KernelFile.text(path + "/a") == "1")
    #expect(try KernelFile.text(path + "/deep/b") == "2")
    #expect(mode("a") == 0o640)
    #expect(mode("deep/b") == 0o400)
  }

  @Test func theSameContentChangesNothing() throws {
    let directory = AtomicDirectory(path: path)
    _ = try directory.write([file("a", "1")])
    let before = FileTree.names(in: path).sorted()
    #expect(try !directory.write([file("a", "1")]))
    #expect(FileTree.names(in: path).sorted() == before)
  }

  @Test func filesComeGoAndChangeTogether() throws {
    let directory = AtomicDirectory(path: path)
    _ = try directory.write([file("a", "1"), file("b", "2")])
    // Whoever holds the old folder sees the old files; whoever goes by the link sees all of the new ones.
    #expect(try directory.write([file("a", "new"), file("c", "3")]))
    #expect(visible == ["a", "c"])
    #expect(try KernelFile.text(path + "/a") == "new")
    #expect(FileTree.names(in: path + "/..data").sorted() == ["a", "c"])
    // One data folder and its link; the old one is gone.
    #expect(FileTree.names(in: path).filter { $0.hasPrefix("..") }.count == 2)
    #expect(try directory.write([]))
    #expect(visible == [])
  }

  @Test func aFileMayBeAUsers() throws {
    try #require(getuid() == 0, "giving files away needs root")
    var token = file("a", "1", mode: 0o600)
    token.owner = 4243
    _ = try AtomicDirectory(path: path, group: 4242).write([token, file("b", "2")])
    var information = stat()
    #expect(stat(path + "/a", &information) == 0)
    #expect(information.st_uid == 4243 && information.st_gid == 4242)
    #expect(mode("a") == 0o640)
    #expect(stat(path + "/b", &information) == 0)
    #expect(information.st_uid == 0)
  }

  @Test func theGroupMayRead() throws {
    try #require(getuid() == 0, "giving files to a group needs root")
    _ = try AtomicDirectory(path: path, group: 4242).write([file("a", "1", mode: 0o400)])
    var information = stat()
    #expect(stat(path + "/a", &information) == 0)
    #expect(information.st_gid == 4242)
    #expect(mode("a") == 0o440)
  }
}
