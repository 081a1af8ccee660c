import APITesting
import Compression
import ContainerRuntime
import Glibc
import JSONTree
import KubernetesAPI
import LinuxKernel
import Testing

@testable import NodeAgent

@Suite(.timeLimit(.minutes(5))) struct LogRotationTests {
  private func write(_ size: Int, to path: String) throws {
    try KernelFile.replace(path, with: [UInt8](repeating: UInt8(ascii: "x"), count: size))
  }

  @Test func aFileIsMovedAsideAndTheOldestGoes() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/0.log"
    let rotation = LogRotation(path: path, limit: 10, files: 3)
    #expect(!rotation.isDue)
    try write(10, to: path)
    #expect(!rotation.isDue)
    try write(11, to: path)
    #expect(rotation.isDue)
    // Another run's.
    try write(1, to: folder.path + "/10.log")
    for second in 0..<4 {
      try write(11 + second, to: path)
      #expect(
        try rotation.moveAside(at: 1_700_000_000 + Int64(second)) == "\(path).20231114-22132\(second)")
    }
    try write(1, to: path)
    #expect(
      FileTree.names(in: folder.path) == ["0.log", "0.log.20231114-221322.gz", "0.log.20231114-221323", "10.log"])
    var inflater = try Inflater(Inflater.Configuration(.gzip))
    let content = try inflater.decompress(try KernelFile.read("\(path).20231114-221322.gz"), limit: 1000)
    #expect(content == [UInt8](repeating: UInt8(ascii: "x"), count: 13))
    // Two in one second.
    #expect(try rotation.moveAside(at: 1_700_000_003) == "\(path).20231114-2213230")
  }

  @Test func whatWasLeftUnfinishedIsRemoved() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/0.log"
    for name in ["", ".20231114-221320", ".20231114-221320.tmp"] { try write(20, to: path + name) }
    _ = try LogRotation(path: path, limit: 10, files: 5).moveAside(at: 1_700_000_001)
    #expect(FileTree.names(in: folder.path) == ["0.log.20231114-221320.gz", "0.log.20231114-221321"])
  }

  @Test func aWriterThatCannotBeToldGetsItsFileBack() throws {
    let folder = try TemporaryFolder()
    let rotation = LogRotation(path: folder.path + "/0.log", limit: 10, files: 2)
    try write(20, to: rotation.path)
    let moved = try rotation.moveAside(at: 0)
    rotation.putBack(moved)
    #expect(FileTree.names(in: folder.path) == ["0.log"])
  }

  @Test func theLogsOfRunningContainersAreRotated() async throws {
    let agent = try TestAgent()
    let uid = agent.add(testPod(containers: [testContainer("main"), testContainer("quiet")])).uid
    let folder = "\(agent.folder.path)/logs/default_web_\(uid)"
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      try write(11 << 20, to: folder + "/main/0.log")
      try write(10 << 20, to: folder + "/quiet/0.log")
      let worker = try #require(await agent.worker("web"))
      await worker.rotateLogs()
      #expect(agent.runtime.calls.filter { $0.hasPrefix("reopen") } == ["reopen main#0"])
      #expect(FileTree.names(in: folder + "/main") == ["0.log", "0.log.20231114-221320"])
      // One that cannot be reopened stays where it is.
      agent.runtime.fail("reopen quiet", with: .init(.unknown(2), "no"))
      try write(11 << 20, to: folder + "/quiet/0.log")
      await worker.rotateLogs()
      #expect(FileTree.names(in: folder + "/quiet") == ["0.log"])
      // With the run go its logs.
      for attempt in 1...2 {
        agent.runtime.exit("main", code: 1)
        if attempt > 1 {
          await agent.timerIsSet()
          agent.clock.advance(by: .seconds(10))
        }
        await eventually("attempt \(attempt)") {
          agent.containerStatus("main")?["restartCount"]?.int == Int64(attempt) && agent.isReady
        }
      }
      await eventually("the first run is removed") { agent.runtime.calls.contains("remove main#0") }
      await eventually("so are its files") { FileTree.names(in: folder + "/main") == [] }
    }
  }
}
