import Foundation
import Testing

@testable import APIServer

@Suite struct DataDirectoryTests {
  @Test func oneServerAtATimeWorksOnAFolder() throws {
    let path = TestServer.temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: path) }
    do {
      let first = try DataDirectory(path)
      let error = #expect(throws: APIServerError.self) { try DataDirectory(path) }
      #expect(error?.message == "another server works on \(path); stop it, or choose another folder")
      withExtendedLifetime(first) {}
    }
    // Given back with its server.
    _ = try DataDirectory(path)
  }
}
