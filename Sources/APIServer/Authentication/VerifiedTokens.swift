import NIOConcurrencyHelpers

/// Tokens whose signature was found good, with what they say. To check a signature takes several times as long as all else
/// that a small request asks for, and clients show the same token with each.
///
/// Whether a token is still within its time and whether its objects still exist is not part of it.
final class VerifiedTokens: Sendable {
  struct Entry: Sendable {
    let token: ServiceAccountToken
    /// Seconds since 1970.
    let notBefore: Int64
  }

  /// Beyond so many everything is forgotten and checked again.
  private static let capacity = 4096

  private let entries = NIOLockedValueBox<[String: Entry]>([:])

  subscript(text: String) -> Entry? { entries.withLockedValue { $0[text] } }

  func remember(_ entry: Entry, of text: String) {
    entries.withLockedValue { entries in
      if entries.count >= Self.capacity { entries.removeAll() }
      entries[text] = entry
    }
  }
}
