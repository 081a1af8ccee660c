import JSONTree
import KubernetesAPI
import NetworkTypes

/// Which addresses a Service of type LoadBalancer is to have.
struct LoadBalancerPlan {
  enum Outcome: Hashable {
    /// The addresses, in the order of the Service's families.
    case addresses([IPAddress])
    /// None for now, and why: the end of a sentence for people.
    case pending(String)
  }

  let outcome: Outcome
  /// Addresses that the Service has and that no pool holds any more.
  let outsidePools: [IPAddress]

  /// - Parameters:
  ///   - isTaken: whether another Service has the address.
  init(service: JSON, pools: AddressPools, isTaken: (IPAddress) -> Bool) {
    let held = Self.addresses(of: service)
    outsidePools = held.filter { !pools.contains($0) }
    do throws(Refusal) {
      outcome = .addresses(try Self.choose(service, held, pools, isTaken))
    } catch {
      outcome = .pending(error.reason)
    }
  }

  private struct Refusal: Error {
    let reason: String
  }

  /// Whether this is ours to serve: a class names another load balancer.
  static func isWanted(by service: JSON) -> Bool {
    !service.isTerminating && service.spec["type"]?.string == "LoadBalancer"
      && service.spec["loadBalancerClass"]?.string == nil
  }

  /// The addresses in the status.
  static func addresses(of service: JSON) -> [IPAddress] {
    (service.status[path: "loadBalancer", "ingress"]?.items ?? []).compactMap {
      $0["ip"]?.string.flatMap { IPAddress($0) }
    }
  }

  static func families(of service: JSON) -> [IPAddress.Family] {
    let named = (service.spec["ipFamilies"]?.items ?? []).compactMap { item in
      IPAddress.Family.allCases.first { $0.kubernetesName == item.string }
    }
    return named.isEmpty ? [.v4] : named
  }

  private static func choose(
    _ service: JSON, _ held: [IPAddress], _ pools: AddressPools, _ isTaken: (IPAddress) -> Bool
  ) throws(Refusal) -> [IPAddress] {
    let families = families(of: service)
    let asked = try asked(service, families)
    let pool = pools.pool(for: service.namespace)
    var chosen: [IPAddress] = []
    var refusal: Refusal?
    for family in families {
      do throws(Refusal) {
        if let asked, asked.family == family {
          chosen.append(try take(asked, held, pool, isTaken))
        } else if let kept = held.first(where: { $0.family == family && !isTaken($0) }) {
          // It stays even where the pools have changed.
          chosen.append(kept)
        } else {
          chosen.append(try free(family, service.namespace, pool, isTaken))
        }
      } catch {
        // One family will do unless both are required, or the one was asked for by address.
        guard service.spec["ipFamilyPolicy"]?.string != "RequireDualStack", asked?.family != family else { throw error }
        refusal = refusal ?? error
      }
    }
    if chosen.isEmpty, let refusal { throw refusal }
    return chosen
  }

  private static func asked(
    _ service: JSON, _ families: [IPAddress.Family]
  ) throws(Refusal) -> IPAddress? {
    guard let text = service.spec["loadBalancerIP"]?.string, !text.isEmpty else { return nil }
    guard let address = IPAddress(text) else { throw Refusal(reason: "loadBalancerIP \"\(text)\" is no IP address") }
    guard families.contains(address.family) else {
      throw Refusal(reason: "loadBalancerIP \(address) is of none of the Service's IP families")
    }
    return address
  }

  private static func take(
    _ address: IPAddress, _ held: [IPAddress], _ pool: (name: String, ranges: [AddressRange])?,
    _ isTaken: (IPAddress) -> Bool
  ) throws(Refusal) -> IPAddress {
    guard !isTaken(address) else {
      throw Refusal(reason: "loadBalancerIP \(address) is in use by another Service")
    }
    if held.contains(address) { return address }
    guard let pool, pool.ranges.contains(where: { $0.contains(address) }) else {
      throw Refusal(
        reason: pool.map { "loadBalancerIP \(address) is not in the address pool \"\($0.name)\"" }
          ?? "loadBalancerIP \(address) is in no address pool")
    }
    return address
  }

  private static func free(
    _ family: IPAddress.Family, _ namespace: String, _ pool: (name: String, ranges: [AddressRange])?,
    _ isTaken: (IPAddress) -> Bool
  ) throws(Refusal) -> IPAddress {
    guard let pool else {
      throw Refusal(
        reason: "there is no address pool for the namespace \(namespace): the ConfigMap "
          + "\(AddressPools.configMapNamespace)/\(AddressPools.configMapName) has neither the key \"\(namespace)\" nor "
          + "\"\(AddressPools.defaultKey)\"")
    }
    let ranges = pool.ranges.filter { $0.family == family }
    guard !ranges.isEmpty else {
      throw Refusal(reason: "the address pool \"\(pool.name)\" has no \(family.kubernetesName) addresses")
    }
    for range in ranges {
      if let address = range.firstFree(isTaken: isTaken) { return address }
    }
    throw Refusal(reason: "the address pool \"\(pool.name)\" has no free \(family.kubernetesName) address")
  }
}
