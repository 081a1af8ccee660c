import NIOConcurrencyHelpers

/// Carries the reason of a refused upgrade to the handler that answers the request in plain HTTP.
final class UpgradeFailure: Sendable {
  private let box = NIOLockedValueBox<APIStatus?>(nil)

  func set(_ status: APIStatus) { box.withLockedValue { $0 = status } }

  func take() -> APIStatus? {
    box.withLockedValue { status in
      defer { status = nil }
      return status
    }
  }
}
