import Glibc
import JSONTree
import KubernetesAPI
import LinuxKernel
import Logging
import Testing

@testable import NodeAgent

@Suite struct SubPathTests {
  private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  private func find(_ mount: JSON, _ values: [String: String] = [:]) throws -> [SubPath] {
    let container: JSON = ["name": "main", "volumeMounts": [["name": "whole", "mountPath": "/w"], mount]]
    return try SubPath.find(in: container, values: values)
  }

  private func refusal(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "none"
    } catch {
      guard let error = error as? NodeAgentError, error.code == .createContainerConfigError else { return "\(error)" }
      return error.message
    }
  }

  @Test func theMountsWithAPathAreFound() throws {
    let expected = SubPath(index: 1, volume: "v", container: "main", path: "a/b")
    #expect(try find(["name": "v", "subPath": "a/b"]) == [expected])
    #expect(try find(["name": "v", "subPathExpr": "a/$(NAME)"], ["NAME": "b"]) == [expected])
    #expect(try find(["name": "v", "subPathExpr": "$$(NAME)"], ["NAME": "b"]).first?.path == "$(NAME)")
    #expect(try find(["name": "v", "subPath": ""]) == [])
    // `..` is a folder's name only where it is the whole name.
    #expect(try find(["name": "v", "subPath": "..data/x"]).first?.path == "..data/x")
  }

  @Test func aPathThatLeadsOutIsRefused() {
    #expect(
      refusal { _ = try find(["name": "v", "subPath": "/etc"]) }
        == "error SubPath `/etc` must not be an absolute path")
    #expect(
      refusal { _ = try find(["name": "v", "subPath": "a/../.."]) }
        == "unable to provision SubPath `a/../..`: must not contain '..'")
    #expect(
      refusal { _ = try find(["name": "v", "subPathExpr": "$(UP)/x"], ["UP": ".."]) }
        == "unable to provision SubPath `../x`: must not contain '..'")
    #expect(
      refusal { _ = try find(["name": "v", "subPathExpr": "$(B)$(A)$(C)"], ["C": "x", "B": ""]) }
        == "missing value for A, B")
  }

  @Test func aMissingFolderIsMadeAsItsVolumeIs() throws {
    let folder = try TemporaryFolder()
    chmod(folder.path, 0o2777)
    let part = SubPath(index: 0, volume: "v", container: "main", path: "deep/er")
    try VolumeManager.make(part, in: folder.path, logger)
    var information = stat()
    #expect(stat(folder.path + "/deep/er", &information) == 0)
    #expect(information.st_mode & 0o7777 == 0o2777)
    // A file may be mounted as well.
    try KernelFile.replace(folder.path + "/file", with: [])
    try VolumeManager.make(SubPath(index: 0, volume: "v", container: "main", path: "file"), in: folder.path, logger)
  }

  @Test func aFolderIsNotMadeThroughALink() throws {
    let outside = try TemporaryFolder()
    let folder = try TemporaryFolder()
    symlink(outside.path, folder.path + "/link")
    let part = SubPath(index: 0, volume: "v", container: "main", path: "link/made")
    #expect(
      refusal { try VolumeManager.make(part, in: folder.path, logger) }
        == "failed to create subPath directory for volumeMount \"v\" of container \"main\"")
    #expect(FileTree.names(in: outside.path) == [])
  }

  /// Needs a mount namespace; the kernel says what is mounted.
  @Test(.enabled(if: getuid() == 0, "mounting needs root"))
  func whatIsMountedStaysWhatWasChecked() async throws {
    let folder = try TemporaryFolder()
    var configuration = NodeAgentConfiguration(nodeName: "node-1", nodeAddresses: [])
    configuration.stateDirectory = folder.path + "/state"
    let manager = VolumeManager(configuration: configuration)
    let volume = folder.path + "/volume"
    try KernelFile.makeFolder(volume + "/..first")
    try KernelFile.replace(volume + "/..first/key", with: Array("one".utf8))
    symlink("..first", volume + "/..data")
    symlink("..data/key", volume + "/key")
    symlink("/etc", volume + "/escape")
    func bind(_ paths: [String]) async throws -> [Int: String] {
      let parts = paths.enumerated().map {
        SubPath(index: $0.offset, volume: "v", container: "main", path: $0.element)
      }
      return try await manager.bind(parts, uid: "u", volumePaths: ["v": volume], logger: logger)
    }
    let places = try await bind(["key", "new/folder"])
    let key = try #require(places[0])
    #expect(key == "\(folder.path)/state/pods/u/volume-subpaths/v/main/0")
    #expect(try KernelFile.text(key) == "one")
    try KernelFile.replace(volume + "/new/folder/x", with: Array("two".utf8))
    #expect(try KernelFile.text(places[1]! + "/x") == "two")

    // The volume's content is replaced as a ConfigMap's is; the next run of the container gets the new one.
    try KernelFile.makeFolder(volume + "/..second")
    try KernelFile.replace(volume + "/..second/key", with: Array("new".utf8))
    try KernelFile.link(volume + "/..data", to: "..second")
    try FileTree.remove(volume + "/..first")
    #expect(try KernelFile.text(key) == "one")
    #expect(try KernelFile.text(try await bind(["key"])[0]!) == "new")
    #expect(try MountPoint.all().filter { $0.target == key }.count == 1)
    // A file may become a folder.
    #expect(KernelFile.exists(try await bind(["new"])[0]! + "/folder"))

    await #expect(throws: NodeAgentError.self) { _ = try await bind(["escape"]) }
    await #expect(throws: NodeAgentError.self) { _ = try await bind(["escape/passwd"]) }

    try await manager.remove(uid: "u", cgroupParents: [])
    #expect(try MountPoint.all().allSatisfy { !$0.target.hasPrefix(folder.path) })
    #expect(try KernelFile.text(volume + "/new/folder/x") == "two")
  }
}
