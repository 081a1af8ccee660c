import APIServer
import HTTPTypes
import JSONTree
import KubernetesAPI
import NIOCore
import Testing

/// A server's whole answer.
struct Answer: Error, CustomStringConvertible {
  let code: Int
  let headers: HTTPFields
  let text: String

  init(_ response: APIServerResponse) async throws {
    code = response.status.code
    headers = response.headers
    switch response.body {
    case .buffer(let buffer): text = String(buffer: buffer)
    case .stream(let stream):
      defer { stream.cancel() }
      var text = ""
      while let part = try await stream.next() { text += String(buffer: part) }
      self.text = text
    }
  }

  var description: String { "\(code) \(text)" }

  /// The texts of the `Warning` headers.
  var warnings: [String] { headers[values: HTTPField.Name("Warning")!] }

  /// The body, of an answer with this code.
  func object(_ expected: Int = 200, sourceLocation: SourceLocation = #_sourceLocation) throws -> JSON {
    #expect(code == expected, "\(self)", sourceLocation: sourceLocation)
    return try JSON.parse(text)
  }

  /// Expects a `Status` of failure and returns it.
  @discardableResult
  func refused(
    _ expected: Int, _ reason: String, _ message: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> JSON {
    let status = try object(expected, sourceLocation: sourceLocation)
    #expect(status.kind == "Status" && status.apiVersion == "v1", "\(self)", sourceLocation: sourceLocation)
    #expect(status["status"] == "Failure", "\(self)", sourceLocation: sourceLocation)
    #expect(status["code"]?.int == Int64(expected), "\(self)", sourceLocation: sourceLocation)
    #expect(status["reason"]?.string ?? "" == reason, "\(self)", sourceLocation: sourceLocation)
    #expect(status["message"]?.string == message, sourceLocation: sourceLocation)
    return status
  }
}
