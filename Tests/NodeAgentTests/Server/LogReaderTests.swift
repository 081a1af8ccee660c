import Glibc
import KubernetesAPI
import LinuxKernel
import Synchronization
import Testing

@testable import NodeAgent

@Suite struct LogReaderTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path + "/0.log" }

  init() throws { folder = try TemporaryFolder() }

  private func records(_ texts: String...) -> String { texts.map { "2026-01-01T00:00:00Z stdout F \($0)\n" }.joined() }

  private func append(_ text: String) throws {
    let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_APPEND, mode: 0o644)
    try file.write(Array(text.utf8))
  }

  private func read(_ query: [String: String]) async throws -> String {
    let reader = LogReader(path: path, options: try LogOptions(query.mapValues { [$0] }, now: Timestamp(seconds: 0)))
    let output = Mutex<[UInt8]>([])
    try await reader.run {
      false
    } write: { bytes in
      output.withLock { $0 += bytes }
    }
    return output.withLock { String(decoding: $0, as: UTF8.self) }
  }

  @Test(arguments: [("0", ""), ("1", "c\n"), ("2", "b\nc\n"), ("3", "a\nb\nc\n"), ("9", "a\nb\nc\n")])
  func theLastLines(_ count: String, _ text: String) async throws {
    try append(records("a", "b", "c"))
    #expect(try await read(["tailLines": count]) == text)
  }

  @Test func theLastLinesOfALongFile() async throws {
    let long = String(repeating: "x", count: 1000)
    for _ in 0..<200 { try append(records(long)) }
    try append(records("end"))
    #expect(try await read(["tailLines": "101"]).utf8.count == 100 * 1001 + 4)
    #expect(try await read([:]).utf8.count == 200 * 1001 + 4)
  }

  @Test func bothTailAndSinceCount() async throws {
    try append("2026-01-01T00:00:01Z stdout F old\n")
    try append("2026-01-01T00:00:05Z stdout F a\n2026-01-01T00:00:06Z stdout F b\n")
    #expect(try await read(["tailLines": "1", "sinceTime": "2026-01-01T00:00:04Z"]) == "b\n")
    #expect(try await read(["tailLines": "3", "sinceTime": "2026-01-01T00:00:04Z"]) == "a\nb\n")
  }

  @Test func lastWordsAreTheEndOfALog() throws {
    try append(records("a", "b", "c"))
    #expect(String(decoding: LogTail.last(lines: 2, bytes: 100, of: path), as: UTF8.self) == "b\nc\n")
    #expect(String(decoding: LogTail.last(lines: 2, bytes: 3, of: path), as: UTF8.self) == "\nc\n")
    #expect(LogTail.last(lines: 2, bytes: 3, of: path + "x") == [])
  }

  /// A reader that follows the file.
  private final class Follower: Sendable {
    private let bytes = Mutex<[UInt8]>([])
    private let runs = Mutex(true)

    var output: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }

    /// The container has ended.
    func stop() { runs.withLock { $0 = false } }

    func run(_ reader: LogReader) async throws {
      try await reader.run {
        self.runs.withLock { $0 }
      } write: { bytes in
        self.bytes.withLock { $0 += bytes }
      }
    }
  }

  private func follow(_ body: @Sendable (Follower) async throws -> Void) async throws {
    let follower = Follower()
    let reader = LogReader(path: path, options: try LogOptions(["follow": ["true"]], now: Timestamp(seconds: 0)))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await follower.run(reader) }
      try await body(follower)
      try await group.waitForAll()
    }
  }

  @Test func whatIsWrittenIsFollowedToTheEnd() async throws {
    try append(records("a"))
    try await follow { follower in
      await eventually("the first line") { follower.output == "a\n" }
      try append(records("b"))
      await eventually("the second line") { follower.output == "a\nb\n" }
      follower.stop()
      try append(records("c"))
      await eventually("the last line") { follower.output == "a\nb\nc\n" }
    }
  }

  @Test func aRotatedFileIsFollowed() async throws {
    try append(records("a"))
    try await follow { follower in
      await eventually("the first line") { follower.output == "a\n" }
      rename(path, path + ".1")
      try append(records("b"))
      await eventually("the new file's line") { follower.output == "a\nb\n" }
      follower.stop()
      try append(records("c"))
    }
  }

  @Test func whatWasWrittenBeforeTheWriterWasToldIsFollowedToo() async throws {
    try append(records("a"))
    try await follow { follower in
      await eventually("the first line") { follower.output == "a\n" }
      rename(path, path + ".1")
      // The writer goes on in the old file for a while, and there is no new one yet.
      try await Task.sleep(for: .milliseconds(150))
      let old = try FileDescriptor.open(path + ".1", O_WRONLY | O_APPEND)
      try old.write(Array(records("b").utf8))
      await eventually("the old file's line") { follower.output == "a\nb\n" }
      try old.write(Array(records("c").utf8))
      try append(records("d"))
      await eventually("all lines, in order") { follower.output == "a\nb\nc\nd\n" }
      follower.stop()
    }
  }

  @Test func theReaderEndsWithItsFile() async throws {
    try append(records("a"))
    try await follow { follower in
      await eventually("the first line") { follower.output == "a\n" }
      follower.stop()
      unlink(path)
    }
  }
}
