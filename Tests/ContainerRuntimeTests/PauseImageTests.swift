import Testing

@testable import ContainerRuntime

@Suite struct PauseImageTests {
  @Test(arguments: PauseProgram.Architecture.allCases)
  func theProgramIsAnExecutableOfItsArchitecture(_ architecture: PauseProgram.Architecture) {
    let bytes = PauseProgram.bytes(for: architecture)
    #expect(bytes.prefix(4) == [0x7f, 0x45, 0x4c, 0x46])
    #expect(bytes[18] == (architecture == .amd64 ? 62 : 183))
    let size = UInt64(bytes.count)
    let fileSize = bytes[96..<104].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    #expect(fileSize == size)
    #expect(bytes.suffix(32) == [1] + [UInt8](repeating: 0, count: 31))
    #expect((bytes.count - 32) % 8 == 0)
  }

  @Test func theArchiveIsReproducibleAndHoldsItsManifest() {
    let archive = PauseImage.archive(for: .amd64)
    #expect(archive == PauseImage.archive(for: .amd64))
    #expect(archive.count % 512 == 0)
    #expect(String(decoding: archive, as: UTF8.self).contains("\"RepoTags\":[\"switchboard.local/pause:1\"]"))
  }

  @Test func configurationTextQuotesPaths() {
    var configuration = ContainerdConfiguration(restrictsOOMScore: true)
    configuration.rootDirectory = "/a \"b\"\\c\n"
    #expect(configuration.text.contains(#"root = "/a \"b\"\\c\u000a""#))
    #expect(configuration.text.contains("restrict_oom_score_adj = true"))
    #expect(configuration.text.contains("netns_mounts_under_state_dir = true"))
  }

  @Test func capabilitiesComeFromTheStatusFile() {
    let status = "Name:\tx\nCapPrm:\t0\nCapEff:\t000001fffeffffff\n"
    #expect(!Capabilities.parse(status: status).contains(.systemResource))
    #expect(Capabilities.parse(status: "CapEff:\t000001ffffffffff\n").contains(.systemResource))
  }
}
