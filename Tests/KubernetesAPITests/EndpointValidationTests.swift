import JSONTree
import Testing

@testable import KubernetesAPI

private typealias Fixtures = ValidationFixtures

@Suite struct EndpointValidationTests {
  private func slice(_ endpoints: [JSON], type: JSON = "IPv4", ports: [JSON] = []) -> JSON {
    [
      "metadata": ["name": "s", "namespace": "d"], "addressType": type, "endpoints": .array(endpoints),
      "ports": .array(ports),
    ]
  }

  private func messages(_ endpoint: JSON, type: JSON = "IPv4") -> [String] {
    var endpoint = endpoint
    if endpoint["addresses"] == nil { endpoint["addresses"] = ["10.0.0.1"] }
    return Fixtures.messages(slice([endpoint], type: type), .endpointSlices)
  }

  @Test func aSliceHoldsAThousandEndpointsAndTwentyThousandPorts() {
    let endpoint: JSON = ["addresses": ["10.0.0.1"]]
    func ports(_ count: Int) -> [JSON] {
      (0..<count).map { ["name": .string("p\($0)"), "protocol": "TCP", "port": 80] }
    }
    let full = slice(Array(repeating: endpoint, count: 1000), ports: ports(20_000))
    #expect(Fixtures.messages(full, .endpointSlices).isEmpty)
    #expect(
      Fixtures.messages(
        slice(Array(repeating: endpoint, count: 1001), ports: ports(20_001)), .endpointSlices) == [
          "endpoints: Too many: 1001: must have at most 1000 items",
          "ports: Too many: 20001: must have at most 20000 items",
        ])
  }

  @Test func addresses() {
    let here = "endpoints[0].addresses[0]"
    for (type, address, why) in [
      ("IPv4", "2001:db8::1", "must be a valid IPv4 address"), ("IPv6", "10.0.0.1", "must be a valid IPv6 address"),
      ("IPv4", "127.0.0.1", "may not be in the loopback range (127.0.0.0/8, ::1/128)"),
      ("IPv6", "fe80::1", "may not be in the link-local range (169.254.0.0/16, fe80::/10)"),
      ("IPv4", "224.0.0.1", "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"),
      ("IPv6", "::", "may not be unspecified (::)"), ("IPv4", "010.0.0.1", "must not have leading 0s"),
      ("IPv6", "::ffff:10.0.0.1", "must not be an IPv4-mapped IPv6 address"),
      ("FQDN", "host", "should be a domain with at least two segments separated by dots"),
    ] {
      #expect(
        messages(["addresses": [.string(address)]], type: .string(type))
          == ["\(here): Invalid value: \"\(address)\": \(why)"])
    }
    #expect(messages(["addresses": []]) == ["endpoints[0].addresses: Required value: must contain at least 1 address"])
    let many = JSON.array((0...100).map { .string("10.0.0.\($0 + 1)") })
    #expect(
      messages(["addresses": many]) == ["endpoints[0].addresses: Too many: 101: must have at most 100 items"])
    #expect(messages(["addresses": ["a.example"]], type: "FQDN").isEmpty)
  }

  @Test func hints() {
    func hints(_ list: String, _ names: [String]) -> [String] {
      messages(["hints": [list: .array(names.map { ["name": .string($0)] })]])
    }
    let nine = (1...9).map { "n\($0)" }
    for list in ["forZones", "forNodes"] {
      #expect(hints(list, Array(nine.prefix(8))).isEmpty)
      #expect(hints(list, nine) == ["endpoints[0].hints.\(list): Too many: 9: must have at most 8 items"])
      #expect(hints(list, ["a", "a"]) == ["endpoints[0].hints.\(list)[1].name: Duplicate value: \"a\""])
      #expect(hints(list, ["a b"]).count == 1)
    }
  }

  @Test func nodesAndTopology() {
    #expect(messages(["nodeName": "node-1", "hostname": "web-0", "deprecatedTopology": ["a": "b"]]).isEmpty)
    #expect(
      messages(["nodeName": "Node_1"]).first?.hasPrefix("endpoints[0].nodeName: Invalid value: \"Node_1\"") == true)
    var labels: JSON = [:]
    for number in 0...16 { labels["l\(number)"] = "x" }
    #expect(
      messages(["deprecatedTopology": labels])
        == ["endpoints[0].deprecatedTopology: Too many: 17: must have at most 16 items"])
    #expect(messages(["deprecatedTopology": ["a b": "x"]]).count == 1)
  }

  @Test func anUpdateJudgesWhatIsNew() {
    let old = slice([["addresses": ["10.0.0.1"]]])
    #expect(
      Fixtures.messages(old, slice([["addresses": ["10.0.0.1"]], ["addresses": ["::1"]]]), .endpointSlices)
        == ["endpoints[1].addresses[0]: Invalid value: \"::1\": must be a valid IPv4 address"])
    #expect(
      Fixtures.messages(old, slice([["addresses": ["10.0.0.1"]]], type: "IPv6"), .endpointSlices)
        == ["addressType: Invalid value: \"IPv6\": field is immutable"])
  }

  @Test func endpointsOfOld() {
    func object(_ address: String) -> JSON {
      ["metadata": ["name": "e", "namespace": "d"], "subsets": [["addresses": [["ip": .string(address)]]]]]
    }
    #expect(Fixtures.messages(object("10.0.0.1"), .endpoints).isEmpty)
    #expect(
      Fixtures.messages(object("010.0.0.1"), .endpoints)
        == ["subsets[0].addresses[0].ip: Invalid value: \"010.0.0.1\": must not have leading 0s"])
    // What was taken once stays.
    #expect(Fixtures.messages(object("010.0.0.1"), object("010.0.0.1"), .endpoints).isEmpty)
  }
}
