/// What a reply's header says (IANA's numbers).
enum ResponseCode: UInt8, Hashable, Sendable {
  case noError = 0
  case formatError = 1
  case serverFailure = 2
  case noSuchName = 3
  case notImplemented = 4
  case refused = 5
  /// Its high bits stand in the OPT record (RFC 6891).
  case badVersion = 16
}

/// Bits and sizes of the format (RFC 1035, 4.1; RFC 6891).
enum WireFormat {
  static let headerSize = 12
  /// What every client takes over UDP.
  static let classicLimit = 512
  /// What passes every network without fragments; the largest reply over UDP.
  static let datagramLimit = 1232
  static let streamLimit = 65_535
  static let optSize = 11
  static let internetClass: UInt16 = 1
  static let anyClass: UInt16 = 255
}
