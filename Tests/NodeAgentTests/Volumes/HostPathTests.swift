import Glibc
import LinuxKernel
import Testing

@testable import NodeAgent

@Suite struct HostPathTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func fits(_ name: String, _ type: String) -> Bool {
    (try? HostPathCheck.prepare(path: name.hasPrefix("/") ? name : "\(folder.path)/\(name)", type: type)) != nil
  }

  @Test func theTypeMustFit() throws {
    try KernelFile.replace(folder.path + "/file", with: [])
    try KernelFile.makeFolder(folder.path + "/folder")
    let socket = try LocalSocket.listen(folder.path + "/socket")
    _ = socket.rawValue
    let accepted: [(String, Set<String>)] = [
      ("file", ["", "File", "FileOrCreate"]), ("folder", ["", "Directory", "DirectoryOrCreate"]),
      ("socket", ["", "Socket"]), ("/dev/null", ["", "CharDevice"]),
    ]
    for (name, types) in accepted {
      for type in [
        "", "File", "FileOrCreate", "Directory", "DirectoryOrCreate", "Socket", "CharDevice", "BlockDevice",
      ] { #expect(fits(name, type) == types.contains(type), "\(name) as \(type)") }
    }
    #expect(!fits("file", "Nonsense"))
  }

  @Test func whatIsMissingIsMadeOrRefused() {
    for type in ["File", "Directory", "Socket", "CharDevice", "BlockDevice"] { #expect(!fits("none", type)) }
    #expect(fits("none", ""))
    #expect(!KernelFile.exists(folder.path + "/none"))
    #expect(fits("new", "FileOrCreate"))
    #expect(fits("new", "File"))
    #expect(fits("deep/folder", "DirectoryOrCreate"))
    #expect(fits("deep/folder", "Directory"))
  }
}
