package import JSONTree
import NetworkTypes

/// The addresses of Services inside the cluster, and their families.
extension ServiceValidation {
  private static let families = ["IPv4", "IPv6"]

  /// `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy` for themselves and among each other.
  package static func clusterAddressFaults(_ service: JSON, replacing old: JSON?) -> [FieldError] {
    let shape = ServiceShape(service)
    if shape.isExternalName { return [] }
    let here = path.child("clusterIPs")
    let texts = shape.clusterIPs
    let list = JSON.array(texts.map { .string($0) })
    var faults = agreementFaults(shape, list, here)
    var seen: Set<String> = []
    for (index, family) in shape.families.enumerated() {
      let place = path.child("ipFamilies")[index]
      if !families.contains(family) { faults.append(.notSupported(place, .string(family), families)) }
      if !seen.insert(family).inserted { faults.append(.duplicate(place, .string(family))) }
    }
    faults += ValueRules.choice(service.spec, "ipFamilyPolicy", of: "ServiceSpec", path)
    let known = old.map { ServiceShape($0).clusterIPs } ?? []
    var isMisread = false
    for (index, text) in texts.enumerated() {
      if index == 0, text == ServiceShape.noAddress {
        guard texts.count > 1 else { continue }
        isMisread = true
        faults.append(.invalid(here, list, "'None' must be the first and only value"))
        continue
      }
      let wrong = AddressRules.address(text, here[index], unless: known)
      isMisread = isMisread || !wrong.isEmpty
      faults += wrong
    }
    if texts.count > 2 { faults.append(.invalid(here, list, "may only hold up to 2 values")) }
    // What follows would say the same once more.
    if isMisread { return faults }
    let held = texts.compactMap { IPAddress($0)?.family.kubernetesName }
    if texts.count > 1, Set(held).count < 2 {
      faults.append(.invalid(here, list, "may specify no more than one IP for each IP family"))
    }
    if shape.isHeadless { return faults }
    for (index, pair) in zip(held, shape.families).enumerated()
    where pair.0 != pair.1 && families.contains(pair.1) {
      faults.append(
        .invalid(
          here[index], .string(texts[index]),
          "expected an \(pair.1) value as indicated by `ipFamilies[\(index)]`"))
    }
    return faults
  }

  private static func agreementFaults(_ shape: ServiceShape, _ list: JSON, _ path: FieldPath) -> [FieldError] {
    switch (shape.clusterIP, shape.clusterIPs.first) {
    case ("", nil): return []
    case ("", _?): return [.invalid(path, list, "must be empty when `clusterIP` is not specified")]
    case (_, nil): return [.required(path)]
    case (let single, let first?):
      return single == first ? [] : [.invalid(path, list, "first value must match `clusterIP`")]
    }
  }

  /// The primary address stays; a secondary one comes and goes.
  static func addressChanges(_ old: JSON, _ new: JSON) -> [FieldError] {
    let (was, now) = (ServiceShape(old), ServiceShape(new))
    if was.isExternalName || now.isExternalName || (was.isHeadless && now.isHeadless) { return [] }
    let (before, after) = (was.clusterIPs, now.clusterIPs)
    let here = path.child("clusterIPs")
    let list = JSON.array(after.map { .string($0) })
    if before.count == after.count {
      return zip(before, after).enumerated().filter { $0.element.0 != $0.element.1 }.map {
        .invalid(here[$0.offset], list, "may not change once set")
      }
    }
    var faults: [FieldError] = []
    if after.isEmpty { faults.append(.invalid(here[0], list, "primary clusterIP can not be unset")) }
    if let first = before.first, let next = after.first, first != next {
      faults.append(.invalid(here[0], list, "may not change once set"))
    }
    if before.count > after.count, after.count == 1, now.policy != "SingleStack" {
      faults.append(releaseFault(now, "clusterIP"))
    }
    return faults
  }

  static func familyChanges(_ old: JSON, _ new: JSON) -> [FieldError] {
    let (was, now) = (ServiceShape(old), ServiceShape(new))
    if was.isExternalName || now.isExternalName || was.isHeadless != now.isHeadless || now.isHeadless { return [] }
    let (before, after) = (was.families, now.families)
    let here = path.child("ipFamilies")[0]
    let list = JSON.array(after.map { .string($0) })
    if before.count == after.count {
      return zip(before, after).filter { $0 != $1 }.map { _ in .invalid(here, list, "may not change once set") }
    }
    var faults: [FieldError] = []
    if before.count > after.count, now.clusterIPs.isEmpty {
      faults.append(.invalid(here, list, "primary ipFamily can not be unset"))
    }
    if let first = before.first, let next = after.first, first != next {
      // Upstream shows the addresses here.
      faults.append(.invalid(here, .array(now.clusterIPs.map { .string($0) }), "may not change once set"))
    }
    if before.count > after.count, after.count == 1, now.policy != "SingleStack" {
      faults.append(releaseFault(now, "ipFamily"))
    }
    return faults
  }

  private static func releaseFault(_ shape: ServiceShape, _ what: String) -> FieldError {
    .invalid(
      path.child("ipFamilyPolicy"), shape.policy.map { .string($0) } ?? .null,
      "must be set to 'SingleStack' when releasing the secondary \(what)")
  }
}
