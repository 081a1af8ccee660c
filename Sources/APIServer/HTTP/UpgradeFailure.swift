import NIOConcurrencyHelpers

/// Carries the answer to a refused upgrade to the handler that gives it in plain HTTP.
final class UpgradeFailure: Sendable {
  private let box = NIOLockedValueBox<APIServerResponse?>(nil)

  func set(_ response: APIServerResponse) { box.withLockedValue { $0 = response } }

  func take() -> APIServerResponse? {
    box.withLockedValue { response in
      defer { response = nil }
      return response
    }
  }
}
