import Glibc
import LinuxKernel
import Testing

@Suite struct KernelProcessTextTests {
  /// The resident part of what is mapped from files, in kB.
  private func residentFiles() throws -> Int {
    for line in try KernelFile.text("/proc/self/status").split(separator: "\n") where line.hasPrefix("RssFile:") {
      return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    }
    throw KernelError(errno: ENOENT, operation: "read", object: "RssFile")
  }

  @Test func codeThatIsGivenBackComesAgain() throws {
    let before = try residentFiles()
    let released = try ProcessText.release()
    let after = try residentFiles()
    // This very program is larger than that.
    #expect(released > 10 << 20)
    #expect(after < before)
    // And goes on.
    #expect((0..<1000).map { "\($0)" }.joined().count == 2890)
  }
}
