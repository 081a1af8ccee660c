import JSONTree
import NetworkTypes

/// Addresses and blocks as people write them: what is refused, and what is only warned of.
///
/// Upstream once took more: zeros in front of numbers, IPv4 addresses in the clothes of IPv6, blocks with bits behind
/// their length. Values that were there before still pass.
enum AddressRules {
  /// An address by the looser rules of old.
  private struct Loose {
    let address: IPAddress
    let hasLeadingZeros: Bool

    /// `nil` for what never was an address.
    init?(_ text: some StringProtocol) {
      if let address = IPAddress(text) {
        (self.address, hasLeadingZeros) = (address, false)
        return
      }
      guard !text.contains(":") else { return nil }
      let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map { number -> Substring in
        let digits = number.drop { $0 == "0" }
        return digits.isEmpty && !number.isEmpty ? "0" : Substring(digits)
      }
      guard let address = IPAddress(numbers.joined(separator: ".")) else { return nil }
      (self.address, hasLeadingZeros) = (address, true)
    }

    var isMapped: Bool { address.family == .v6 && address.value >> 32 == 0xffff }

    /// As it should be written.
    var preferred: IPAddress { isMapped ? IPAddress(family: .v4, value: address.value & 0xffff_ffff) : address }
  }

  /// Whether it ever was taken for an address.
  static func isAddress(_ text: String) -> Bool { Loose(text) != nil }

  /// - Parameter kept: Values that pass whatever they are: those of the object as it was.
  static func address(_ text: String, _ path: FieldPath, unless kept: [String] = []) -> [FieldError] {
    if kept.contains(text) { return [] }
    func fault(_ detail: String) -> [FieldError] { [.invalid(path, .string(text), detail)] }
    guard let loose = Loose(text) else {
      return fault("must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")
    }
    if loose.hasLeadingZeros { return fault("must not have leading 0s") }
    if loose.isMapped { return fault("must not be an IPv4-mapped IPv6 address") }
    return []
  }

  /// An address that other machines can be reached at.
  static func endpointAddress(_ text: String, _ path: FieldPath, unless kept: [String] = []) -> [FieldError] {
    let faults = address(text, path, unless: kept)
    guard faults.isEmpty else { return faults }
    return reachabilityFaults(text, path)
  }

  /// What is wrong with an address as one of an endpoint.
  static func reachabilityFaults(_ text: String, _ path: FieldPath) -> [FieldError] {
    func fault(_ detail: String) -> [FieldError] { [.invalid(path, .string(text), detail)] }
    guard let address = Loose(text)?.preferred else { return fault("must be a valid IP address") }
    if address.isUnspecified { return fault("may not be unspecified (\(text))") }
    if address.isLoopback { return fault("may not be in the loopback range (127.0.0.0/8, ::1/128)") }
    if address.isLinkLocal { return fault("may not be in the link-local range (169.254.0.0/16, fe80::/10)") }
    // Go counts ff02::/16 with any flags, and IPv4's block for the local link.
    let isLocalMulticast =
      address.family == .v4 ? address.value >> 8 == 0xe00000 : address.value >> 112 & 0xff0f == 0xff02
    if isLocalMulticast {
      return fault("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")
    }
    return []
  }

  static func block(_ text: String, _ path: FieldPath, unless kept: [String] = []) -> [FieldError] {
    if kept.contains(text) { return [] }
    func fault(_ detail: String) -> [FieldError] { [.invalid(path, .string(text), detail)] }
    guard let (loose, block, hasLeadingZeros) = looseBlock(text) else {
      return fault("must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")
    }
    if hasLeadingZeros { return fault("must not have leading 0s in IP or prefix length") }
    if loose.isMapped { return fault("must not have an IPv4-mapped IPv6 address") }
    if loose.address != block.base { return fault("must not have bits set beyond the prefix length") }
    return []
  }

  /// A block in the one form that every tool writes.
  static func canonicalBlock(_ text: String, _ path: FieldPath) -> [FieldError] {
    let faults = block(text, path)
    guard faults.isEmpty, let block = CIDR(text), block.description != text else { return faults }
    return [.invalid(path, .string(text), "must be in canonical form (\(block.description.goQuoted))")]
  }

  /// The block that a text ever was taken for.
  static func blockOfOld(_ text: String) -> CIDR? { looseBlock(text)?.block }

  private static func looseBlock(_ text: String) -> (address: Loose, block: CIDR, hasLeadingZeros: Bool)? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = Loose(parts[0]), !parts[1].isEmpty,
      parts[1].utf8.allSatisfy(\.isDigit), let length = Int(parts[1]),
      let block = CIDR(address.address, prefixLength: length)
    else { return nil }
    return (address, block, address.hasLeadingZeros || String(length) != parts[1])
  }

  // MARK: Warnings

  static func warnings(address text: String, _ path: FieldPath) -> [String] {
    guard let loose = Loose(text) else { return [] }
    if loose.hasLeadingZeros || loose.isMapped {
      return [
        "\(path): non-standard IP address \(text.goQuoted) will be considered invalid in a future Kubernetes release: "
          + "use \(loose.preferred.description.goQuoted)"
      ]
    }
    guard loose.address.family == .v6, loose.address.description != text else { return [] }
    return [
      "\(path): IPv6 address \(text.goQuoted) should be in RFC 5952 canonical format "
        + "(\(loose.address.description.goQuoted))"
    ]
  }

  static func warnings(block text: String, _ path: FieldPath) -> [String] {
    guard let (loose, block, hasLeadingZeros) = looseBlock(text) else { return [] }
    var warnings: [String] = []
    if loose.address != block.base {
      warnings.append(
        "\(path): CIDR value \(text.goQuoted) is ambiguous in this context (should be \(block.description.goQuoted) or "
          + "\(CIDR(host: loose.address).description.goQuoted)?)")
    }
    if hasLeadingZeros || loose.isMapped {
      // The last 32 bits of the 128 are the IPv4 address.
      let preferred = loose.isMapped ? CIDR(loose.preferred, prefixLength: block.prefixLength - 96) ?? block : block
      warnings.append(
        "\(path): non-standard CIDR value \(text.goQuoted) will be considered invalid in a future Kubernetes release: "
          + "use \(preferred.description.goQuoted)")
    }
    if warnings.isEmpty, block.family == .v6, block.description != text {
      warnings.append(
        "\(path): IPv6 CIDR value \(text.goQuoted) should be in RFC 5952 canonical format "
          + "(\(block.description.goQuoted))")
    }
    return warnings
  }
}
