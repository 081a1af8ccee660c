import JSONTree
import Testing

@testable import KubernetesAPI

private typealias Fixtures = ValidationFixtures

@Suite struct ServiceRangeValidationTests {
  private func range(_ blocks: [String]) -> JSON {
    ["metadata": ["name": "r"], "spec": ["cidrs": .array(blocks.map { .string($0) })]]
  }

  private func address(_ name: String, _ parent: JSON? = ["resource": "services", "name": "web"]) -> JSON {
    var object: JSON = ["metadata": ["name": .string(name)], "spec": [:]]
    object[path: "spec", "parentRef"] = parent
    return object
  }

  @Test func ranges() {
    #expect(Fixtures.messages(range(["192.168.0.0/24", "2001:db8::/64"]), .serviceCIDRs).isEmpty)
    #expect(Fixtures.messages(range([]), .serviceCIDRs) == ["spec.cidrs: Required value: at least one CIDR required"])
    #expect(
      Fixtures.messages(range(["192.168.0.0/24", "192.168.1.0/24"]), .serviceCIDRs) == [
        "spec.cidrs: Invalid value: {\"cidrs\":[\"192.168.0.0/24\",\"192.168.1.0/24\"]}: may specify no more than one "
          + "IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"
      ])
    #expect(
      Fixtures.messages(range(["192.168.0.1/24"]), .serviceCIDRs) == [
        "spec.cidrs[0]: Invalid value: \"192.168.0.1/24\": must not have bits set beyond the prefix length"
      ])
    #expect(
      Fixtures.messages(range(["2001:DB8::/64"]), .serviceCIDRs)
        == ["spec.cidrs[0]: Invalid value: \"2001:DB8::/64\": must be in canonical form (\"2001:db8::/64\")"])
    #expect(Fixtures.messages(range(["a", "b", "c"]), .serviceCIDRs).first?.hasSuffix("up to 2 values") == true)
  }

  @Test func onlyASecondFamilyMayComeToARange() {
    let one = range(["192.168.0.0/24"])
    #expect(Fixtures.messages(one, range(["192.168.0.0/24", "2001:db8::/64"]), .serviceCIDRs).isEmpty)
    #expect(
      Fixtures.messages(one, range(["192.168.1.0/24"]), .serviceCIDRs)
        == ["spec.cidrs[0]: Invalid value: \"192.168.1.0/24\": field is immutable"])
    #expect(
      Fixtures.messages(range(["192.168.0.0/24", "2001:db8::/64"]), one, .serviceCIDRs)
        == ["spec.cidrs: Invalid value: [\"192.168.0.0/24\"]: field is immutable"])
    #expect(
      Fixtures.messages(one, range(["192.168.0.0/24", "192.168.1.0/24"]), .serviceCIDRs).first?.contains(
        "no more than one IP for each IP family") == true)
  }

  @Test func addresses() {
    #expect(Fixtures.messages(address("192.168.1.5"), .ipAddresses).isEmpty)
    #expect(Fixtures.messages(address("2001:db8::1"), .ipAddresses).isEmpty)
    #expect(
      Fixtures.messages(address("2001:DB8::1"), .ipAddresses)
        == ["metadata.name: Invalid value: \"2001:DB8::1\": must be a canonical format IP address"])
    #expect(
      Fixtures.messages(address("10.0.0.300"), .ipAddresses)
        == ["metadata.name: Invalid value: \"10.0.0.300\": ParseAddr(\"10.0.0.300\"): unable to parse IP"])
    #expect(Fixtures.messages(address("10.0.0.1", nil), .ipAddresses) == ["spec.parentRef: Required value"])
    #expect(
      Fixtures.messages(address("10.0.0.1", ["group": "a b", "resource": "a/b"]), .ipAddresses).map {
        $0.prefix { $0 != ":" }
      } == ["spec.parentRef.group", "spec.parentRef.resource", "spec.parentRef.name"])
    #expect(
      Fixtures.messages(
        address("10.0.0.1"), address("10.0.0.1", ["resource": "services", "name": "b"]), .ipAddresses)
        == ["spec.parentRef: Invalid value: {\"resource\":\"services\",\"name\":\"b\"}: field is immutable"])
  }

  @Test func nodesHaveOneBlockOfEachFamily() {
    func node(_ blocks: [String]) -> JSON {
      ["metadata": ["name": "n"], "spec": ["podCIDRs": .array(blocks.map { .string($0) })]]
    }
    #expect(Fixtures.messages(node(["10.244.0.0/24", "fd00::/64"]), .nodes).isEmpty)
    #expect(
      Fixtures.messages(node(["10.244.0.0/24", "10.244.1.0/24"]), .nodes) == [
        "spec.podCIDRs: Invalid value: [\"10.244.0.0/24\",\"10.244.1.0/24\"]: may specify no more than one CIDR for "
          + "each IP family"
      ])
  }
}
