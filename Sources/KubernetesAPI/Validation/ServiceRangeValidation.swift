import JSONTree
import NetworkTypes

/// The ranges that Services get their addresses from, and the addresses that are taken.
enum ServiceRangeValidation {
  private static let path = FieldPath("spec")
  private static let parent = path.child("parentRef")
  private static let blocks = path.child("cidrs")
  private static let immutable = "field is immutable"

  // MARK: IPAddress

  static func judgeAddress(_ object: JSON) -> [FieldError] { nameFaults(object.name) + parentFaults(object) }

  static func compareAddresses(_ old: JSON, _ new: JSON) -> [FieldError] {
    let now = new.spec["parentRef"]
    return old.spec["parentRef"] == now ? [] : [.invalid(parent, now ?? .null, immutable)]
  }

  private static func nameFaults(_ name: String) -> [FieldError] {
    let here = FieldPath("metadata", "name")
    guard let address = IPAddress(name) else {
      return [.invalid(here, .string(name), "ParseAddr(\(name.goQuoted)): unable to parse IP")]
    }
    return address.description == name ? [] : [.invalid(here, .string(name), "must be a canonical format IP address")]
  }

  private static func parentFaults(_ object: JSON) -> [FieldError] {
    guard let reference = object.spec["parentRef"] else { return [.required(parent)] }
    // The core group's name is empty.
    return ValueRules.text(reference, "group", parent, NameRules.dnsSubdomain)
      + ValueRules.text(reference, "resource", parent, isRequired: true, AccessValidation.pathSegmentFaults)
      + ValueRules.text(reference, "name", parent, isRequired: true, AccessValidation.pathSegmentFaults)
      + ValueRules.text(reference, "namespace", parent, AccessValidation.pathSegmentFaults)
  }

  // MARK: ServiceCIDR

  static func judgeRange(_ object: JSON) -> [FieldError] {
    let list = texts(object)
    if list.isEmpty { return [.required(blocks, "at least one CIDR required")] }
    if list.count > 2 { return [.invalid(blocks, object.spec, "may only hold up to 2 values")] }
    if list.count == 2, Set(list.map { CIDR($0)?.family }).count < 2 || list.contains(where: { CIDR($0) == nil }) {
      return [
        .invalid(
          blocks, object.spec,
          "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64")
      ]
    }
    return list.enumerated().flatMap { AddressRules.canonicalBlock($0.element, blocks[$0.offset]) }
  }

  /// A block of the second family may come to the first; nothing else changes.
  static func compareRanges(_ old: JSON, _ new: JSON) -> [FieldError] {
    let (was, now) = (texts(old), texts(new))
    let isSame = was.count == now.count
    guard isSame || (was.count == 1 && now.count == 2) else {
      return [.invalid(blocks, .array(now.map { .string($0) }), immutable)]
    }
    let changed = zip(was, now).enumerated().filter { $0.element.0 != $0.element.1 }
    let faults = changed.map { FieldError.invalid(blocks[$0.offset], .string($0.element.1), immutable) }
    return isSame ? faults : faults + judgeRange(new)
  }

  private static func texts(_ object: JSON) -> [String] {
    (object.spec["cidrs"]?.items ?? []).map { $0.string ?? "" }
  }
}
