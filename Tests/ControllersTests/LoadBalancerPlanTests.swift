import JSONTree
import KubernetesAPI
import NetworkTypes
import Testing

@testable import Controllers

@Suite("Address pools")
struct AddressPoolsTests {
  private func texts(_ pools: AddressPools, _ key: String) -> [String]? { pools.pools[key]?.map(\.description) }

  @Test func blocksRangesAndSingleAddressesOfEitherFamily() {
    let pools = AddressPools(["default": "192.0.2.0/30, 192.0.2.9-192.0.2.11\n2001:db8::/126,192.0.2.20\n"])
    #expect(pools.faults.isEmpty)
    #expect(
      texts(pools, "default") == [
        "192.0.2.0-192.0.2.3", "192.0.2.9-192.0.2.11", "2001:db8::-2001:db8::3", "192.0.2.20",
      ])
  }

  @Test(arguments: ["192.0.2.0/33", "192.0.2.1/24", "192.0.2.9-192.0.2.1", "192.0.2.1-2001:db8::1", "any", "1-2-3"])
  func whatIsWrongIsSaidAndTheRestUsed(wrong: String) {
    let pools = AddressPools(["default": "192.0.2.40/32,\(wrong)"])
    #expect(texts(pools, "default") == ["192.0.2.40"])
    #expect(pools.faults.count == 1 && pools.faults[0].contains("\"\(wrong)\""))
  }

  @Test func whatTwoPoolsHaveIsTheNamespacesAlone() {
    let pools = AddressPools(["default": "192.0.2.0/28", "team": "192.0.2.4-192.0.2.7", "zoo": "192.0.2.7-192.0.2.8"])
    #expect(texts(pools, "team") == ["192.0.2.4-192.0.2.7"])
    #expect(texts(pools, "zoo") == ["192.0.2.8"])
    #expect(texts(pools, "default") == ["192.0.2.0-192.0.2.3", "192.0.2.9-192.0.2.15"])
    #expect(pools.faults.count == 3)
  }

  @Test func moreRangesThanAnybodyWritesAreLeftOut() {
    let many = (0..<1100).map { "10.0.\($0 / 200).\($0 % 200)" }
    let pools = AddressPools([
      "a": many.prefix(600).joined(separator: ","), "b": many.suffix(500).joined(separator: ","),
    ])
    #expect(texts(pools, "a")?.count == 600)
    #expect(texts(pools, "b")?.count == 400)
    #expect(pools.faults.count == 1)
  }

  @Test func theFallbackIsForWantOfADefault() {
    let fallback = [AddressRange("192.0.2.1")!]
    #expect(texts(AddressPools(fallback: fallback), "default") == ["192.0.2.1"])
    #expect(texts(AddressPools(["team": "192.0.2.9"], fallback: fallback), "default") == ["192.0.2.1"])
    #expect(texts(AddressPools(["default": "192.0.2.9"], fallback: fallback), "default") == ["192.0.2.9"])
    // An empty one is a default too: nobody is to get anything.
    #expect(texts(AddressPools(["default": ""], fallback: fallback), "default") == [])
  }

  @Test func theWholeOfAFamilyIsARange() {
    let all = AddressRange("::/0")!
    #expect(all.firstFree { $0.isUnspecified } == IPAddress("::1"))
    #expect(all.subtracting(AddressRange("::/1")!) == [AddressRange("8000::/1")!])
    #expect(all.subtracting(all).isEmpty)
  }
}

@Suite("Load balancer plan")
struct LoadBalancerPlanTests {
  private let pools = AddressPools(["default": "192.0.2.0/30,2001:db8::/126", "team": "192.0.2.16/31"])

  private func service(_ spec: JSON = [:], namespace: String = "default", holding: [String] = []) -> JSON {
    var service: JSON = [
      "metadata": ["name": "web", "namespace": .string(namespace)],
      "spec": MergePatch.apply(spec, to: ["type": "LoadBalancer", "ipFamilies": ["IPv4"]]),
    ]
    if !holding.isEmpty {
      service["status"] = ["loadBalancer": ["ingress": .array(holding.map { ["ip": .string($0)] })]]
    }
    return service
  }

  private func plan(_ service: JSON, taken: Set<String> = []) -> LoadBalancerPlan {
    LoadBalancerPlan(service: service, pools: pools) { taken.contains("\($0)") }
  }

  private func addresses(_ service: JSON, taken: Set<String> = []) -> [String]? {
    if case .addresses(let addresses) = plan(service, taken: taken).outcome {
      addresses.map(\.description)
    } else {
      nil
    }
  }

  private func refusal(_ service: JSON, taken: Set<String> = []) -> String {
    if case .pending(let reason) = plan(service, taken: taken).outcome { reason } else { "" }
  }

  @Test func theLowestFreeAddressOfTheNamespacesPool() {
    #expect(addresses(service()) == ["192.0.2.0"])
    #expect(addresses(service(), taken: ["192.0.2.0", "192.0.2.2"]) == ["192.0.2.1"])
    #expect(addresses(service(namespace: "team")) == ["192.0.2.16"])
    // A pool of its own is all that a namespace has.
    #expect(
      refusal(service(namespace: "team"), taken: ["192.0.2.16", "192.0.2.17"])
        == "the address pool \"team\" has no free IPv4 address")
  }

  @Test func anAddressOfEachFamily() {
    let dual: JSON = ["ipFamilies": ["IPv6", "IPv4"], "ipFamilyPolicy": "PreferDualStack"]
    #expect(addresses(service(dual)) == ["2001:db8::", "192.0.2.0"])
    // The pool has but one of them.
    #expect(addresses(service(dual, namespace: "team")) == ["192.0.2.16"])
    let both = service(MergePatch.apply(["ipFamilyPolicy": "RequireDualStack"], to: dual), namespace: "team")
    #expect(refusal(both) == "the address pool \"team\" has no IPv6 addresses")
    // One family goes again.
    #expect(addresses(service(holding: ["2001:db8::", "192.0.2.3"])) == ["192.0.2.3"])
  }

  @Test func theAddressThatIsAskedFor() {
    #expect(addresses(service(["loadBalancerIP": "192.0.2.2"])) == ["192.0.2.2"])
    #expect(addresses(service(["loadBalancerIP": "192.0.2.2"], holding: ["192.0.2.0"])) == ["192.0.2.2"])
    #expect(
      refusal(service(["loadBalancerIP": "192.0.2.2"]), taken: ["192.0.2.2"])
        == "loadBalancerIP 192.0.2.2 is in use by another Service")
    #expect(
      refusal(service(["loadBalancerIP": "192.0.2.16"]))
        == "loadBalancerIP 192.0.2.16 is not in the address pool \"default\"")
    #expect(
      refusal(service(["loadBalancerIP": "2001:db8::1"]))
        == "loadBalancerIP 2001:db8::1 is of none of the Service's IP families")
    let dual: JSON = ["ipFamilies": ["IPv4", "IPv6"], "loadBalancerIP": "2001:db8::2"]
    #expect(addresses(service(dual)) == ["192.0.2.0", "2001:db8::2"])
  }

  @Test func whatAServiceHasStays() {
    #expect(addresses(service(holding: ["192.0.2.3"])) == ["192.0.2.3"])
    // Also where no pool has it any more, which is told.
    let outside = plan(service(holding: ["198.51.100.1"]))
    #expect(outside.outcome == .addresses([IPAddress("198.51.100.1")!]))
    #expect(outside.outsidePools == [IPAddress("198.51.100.1")!])
    // Unless another has it by right.
    #expect(addresses(service(holding: ["192.0.2.3"]), taken: ["192.0.2.3"]) == ["192.0.2.0"])
  }

  @Test func noPoolAtAll() {
    let plan = LoadBalancerPlan(service: service(), pools: AddressPools()) { _ in false }
    guard case .pending(let reason) = plan.outcome else {
      Issue.record("an address out of nothing")
      return
    }
    #expect(reason.hasPrefix("there is no address pool for the namespace default"))
  }

  @Test func whoseServicesTheseAre() {
    #expect(LoadBalancerPlan.isWanted(by: service()))
    #expect(!LoadBalancerPlan.isWanted(by: service(["loadBalancerClass": "example.com/other"])))
    #expect(!LoadBalancerPlan.isWanted(by: service(["type": "NodePort"])))
    var going = service()
    going[path: "metadata", "deletionTimestamp"] = "2026-01-01T00:00:00Z"
    #expect(!LoadBalancerPlan.isWanted(by: going))
  }
}
