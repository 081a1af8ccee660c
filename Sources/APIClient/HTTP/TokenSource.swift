import Synchronization

/// The bearer token as it is now. A token file is read again after a minute, and at once after the server refused it:
/// the agent replaces the file before the token in it ends.
final class TokenSource: Sendable {
  private struct Cached {
    let token: String
    let readAt: ContinuousClock.Instant
  }

  private let origin: ClientConfiguration.Token
  private let cached = Mutex<Cached?>(nil)

  init(_ origin: ClientConfiguration.Token) { self.origin = origin }

  func expire() { cached.withLock { $0 = nil } }

  /// Throws ``APIError`` where the token file cannot be read.
  func current() throws -> String? {
    switch origin {
    case .none: return nil
    case .fixed(let token): return token
    case .file(let path):
      let now = ContinuousClock.now
      return try cached.withLock { cached in
        if let cached, now - cached.readAt < .seconds(60) { return cached.token }
        let text = String(decoding: try FileContents.read(path, purpose: "the bearer token"), as: UTF8.self)
        let token = text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
        guard !token.isEmpty else { throw APIError(.configuration, "the token file \(path) is empty") }
        cached = Cached(token: token, readAt: now)
        return token
      }
    }
  }
}
