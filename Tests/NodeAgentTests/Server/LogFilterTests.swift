import KubernetesAPI
import Testing

@testable import NodeAgent

@Suite struct LogFilterTests {
  static let log = """
    2026-01-01T00:00:01.5Z stdout F one
    2026-01-01T00:00:02Z stderr F two
    2026-01-01T00:00:03Z stdout P thr
    2026-01-01T00:00:03.1Z stdout F ee
    2026-01-01T00:00:04+01:00 stdout F
    2026-01-01T00:00:05Z stdout F five

    """

  /// The same whatever the pieces are.
  private func filtered(_ query: [String: String], _ log: String = log) throws -> String {
    let options = try LogOptions(query.mapValues { [$0] }, now: Timestamp(seconds: 1_767_225_605))
    let bytes = Array(log.utf8)
    var results: Set<String> = []
    for size in [1, 7, bytes.count] {
      var filter = LogFilter(options)
      var output: [UInt8] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        output += filter.take(Array(rest.prefix(size)))
        rest = rest.dropFirst(size)
      }
      results.insert(String(decoding: output, as: UTF8.self))
    }
    #expect(results.count == 1)
    return results.first ?? ""
  }

  @Test func headsAreTakenOffAndPartsJoined() throws {
    #expect(try filtered([:]) == "one\ntwo\nthree\n\nfive\n")
  }

  @Test func timeStampsStandBeforeLines() throws {
    #expect(
      try filtered(["timestamps": "true"]) == """
        2026-01-01T00:00:01.5Z one
        2026-01-01T00:00:02Z two
        2026-01-01T00:00:03Z three
        2026-01-01T00:00:04+01:00 \n2026-01-01T00:00:05Z five

        """)
  }

  @Test func onlyWhatIsYoungerIsTold() throws {
    #expect(try filtered(["sinceTime": "2026-01-01T00:00:03Z"]) == "three\nfive\n")
    #expect(try filtered(["sinceSeconds": "1"]) == "five\n")
  }

  @Test func bytesAreCounted() throws {
    #expect(try filtered(["limitBytes": "6"]) == "one\ntw")
    var filter = LogFilter(try LogOptions(["limitBytes": ["3"]], now: Timestamp(seconds: 0)))
    #expect(!filter.isFull)
    _ = filter.take(Array("t stdout F abc\n".utf8))
    #expect(filter.isFull)
  }

  @Test func streamsAreTold() throws {
    #expect(try filtered(["stream": "Stderr"]) == "two\n")
    #expect(try filtered(["stream": "Stdout"]) == "one\nthree\n\nfive\n")
    #expect(try filtered(["stream": "All"]) == "one\ntwo\nthree\n\nfive\n")
  }

  @Test func whatIsNoRecordIsLeftOut() throws {
    #expect(try filtered([:], "garbage\n\nt nowhere F x\nt stdout F ok\n") == "ok\n")
  }

  @Test(arguments: [
    ["tailLines": "-1"], ["tailLines": "x"], ["limitBytes": "0"], ["sinceSeconds": "0"], ["sinceTime": "yesterday"],
  ])
  func badOptionsAreRefused(_ query: [String: String]) {
    #expect(throws: NodeAgentError.self) {
      try LogOptions(query.mapValues { [$0] }, now: Timestamp(seconds: 0))
    }
  }
}
