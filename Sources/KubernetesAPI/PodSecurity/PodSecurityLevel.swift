/// How much a pod may be allowed, from the Pod Security Standards.
package enum PodSecurityLevel: String, Hashable, Sendable, Comparable, CaseIterable {
  case privileged, baseline, restricted

  /// By strictness.
  package static func < (left: Self, right: Self) -> Bool { left.strictness < right.strictness }

  private var strictness: Int {
    switch self {
    case .privileged: 0
    case .baseline: 1
    case .restricted: 2
    }
  }
}

/// The release whose standards count.
package enum PodSecurityVersion: Hashable, Sendable, CustomStringConvertible {
  case latest
  /// `v1.MINOR`.
  case minor(Int)

  package init?(_ text: String) {
    if text == "latest" {
      self = .latest
      return
    }
    let digits = text.dropFirst(3)
    guard text.hasPrefix("v1."), !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      digits == "0" || digits.first != "0", let number = Int(digits)
    else { return nil }
    self = .minor(number)
  }

  package var description: String {
    switch self {
    case .latest: "latest"
    case .minor(let number): "v1.\(number)"
    }
  }
}

/// A level of one release, written as `restricted:latest`.
package struct PodSecurityStandard: Hashable, Sendable, CustomStringConvertible {
  package var level: PodSecurityLevel
  package var version: PodSecurityVersion

  package init(_ level: PodSecurityLevel, _ version: PodSecurityVersion = .latest) {
    self.level = level
    self.version = version
  }

  package var description: String { "\(level.rawValue):\(version)" }
}
