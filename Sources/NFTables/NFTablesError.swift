internal import Netlink

/// What went wrong between us and nf_tables.
package struct NFTablesError: Error, Sendable, CustomStringConvertible {
  package enum Code: Hashable, Sendable {
    /// The kernel refused a step; nothing of the transaction is in force.
    case refused(errno: Int32)
    /// The kernel's answer was lost or mixed: what is in force must be read back.
    case outcomeUnknown
    /// The kernel's answer does not follow its own format, or holds what this program never writes.
    case malformedReply
    /// The socket failed.
    case socket
  }

  package let code: Code
  package let message: String
  package let cause: (any Error)?
  package let location: String

  init(_ code: Code, _ message: String, cause: (any Error)? = nil, file: String = #fileID, line: Int = #line) {
    self.code = code
    self.message = cause.map { "\(message): \($0)" } ?? message
    self.cause = cause
    location = "\(file):\(line)"
  }

  init(_ error: NetlinkError, table: Table, doing operation: String, file: String = #fileID, line: Int = #line) {
    let code: Code
    var remedy = ""
    switch error.code {
    case .refused(let errno):
      code = .refused(errno: errno)
      remedy = Self.remedy(for: errno)
    case .malformed: code = .malformedReply
    case .incomplete, .interrupted: code = .outcomeUnknown
    case .socket: code = .socket
    }
    self.init(code, "table \(table): \(operation): \(error.message)\(remedy)", file: file, line: line)
  }

  package var description: String { message }

  /// The kernel holds something else than was supposed: reading it back mends that.
  package var isConflict: Bool {
    switch code {
    case .refused(let errno): errno == 2 || errno == 17  // ENOENT, EEXIST
    case .outcomeUnknown: true
    case .malformedReply, .socket: false
    }
  }

  private static func remedy(for errno: Int32) -> String {
    switch errno {
    case 1: "; run as root with CAP_NET_ADMIN"
    case 2: "; a table, chain, set or element it names does not exist"
    case 17: "; an element of that key has another value"
    case 23, 28: "; a set is full"
    case 93, 95:
      "; the kernel lacks nf_tables or one of its expressions: `switchboard doctor` lists what is needed"
    default: ""
    }
  }
}
