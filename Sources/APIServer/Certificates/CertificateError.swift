/// Why the cluster's keys could not be read or made.
package struct CertificateError: Error, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    case malformed
    case fileSystem
  }

  package let code: Code
  package let message: String
  package let location: String

  package init(_ code: Code, _ message: String, file: StaticString = #fileID, line: UInt = #line) {
    self.code = code
    self.message = message
    location = "\(file):\(line)"
  }

  package var description: String { message }
}
