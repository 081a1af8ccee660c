import Foundation
import LinuxKernel
import Testing

@Suite struct FileTreeTests {
  @Test func aFileOfSeveralNamesTakesItsPlaceOnce() throws {
    let folder = NSTemporaryDirectory() + "file-tree-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder + "/below", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data(repeating: 1, count: 1 << 20).write(to: URL(fileURLWithPath: folder + "/a"))
    let once = FileTree.size(of: folder)
    #expect(once >= 1 << 20)
    for name in ["b", "below/c"] {
      try FileManager.default.linkItem(atPath: folder + "/a", toPath: "\(folder)/\(name)")
    }
    #expect(FileTree.size(of: folder) < once + 1 << 20)
    #expect(FileTree.size(of: folder + "/b") >= 1 << 20)
    #expect(FileTree.size(of: folder + "/missing") == 0)
  }
}
