import JSONTree
import KubernetesAPI
import NetworkTypes
import Testing

@testable import APIServer

@Suite struct DualStackTests {
  private static let starting = Task { try await DualStackTests.server(["10.96.0.0/16", "fd00:96::/112"]) }

  static func server(_ blocks: [String]) async throws -> TestServer {
    try await TestServer { $0.serviceCIDRs = blocks.compactMap { CIDR($0) } }
  }

  private func space() async throws -> TestNamespace { try await Self.starting.value.namespace() }

  private func families(_ service: JSON) -> [String] { (service.spec["ipFamilies"]?.items ?? []).compactMap(\.string) }

  private func addresses(_ service: JSON) -> [String] { ServiceShape(service).clusterIPs }

  /// The families that the addresses are of.
  private func held(_ service: JSON) -> [String] {
    addresses(service).compactMap { IPAddress($0)?.family.kubernetesName }
  }

  @Test(
    arguments: [
      (nil, [String](), ["IPv4"]), ("SingleStack", ["IPv6"], ["IPv6"]), ("PreferDualStack", [], ["IPv4", "IPv6"]),
      ("RequireDualStack", [], ["IPv4", "IPv6"]), ("PreferDualStack", ["IPv6"], ["IPv6", "IPv4"]),
      ("RequireDualStack", ["IPv6", "IPv4"], ["IPv6", "IPv4"]), (nil, ["IPv6"], ["IPv6"]),
    ] as [(String?, [String], [String])])
  func familiesAndAddresses(policy: String?, asked: [String], given: [String]) async throws {
    let space = try await space()
    var spec: JSON = [:]
    if let policy { spec["ipFamilyPolicy"] = .string(policy) }
    if !asked.isEmpty { spec["ipFamilies"] = .array(asked.map { .string($0) }) }
    let service = try await space.create(.services, TestObjects.service("web", spec: spec)).object(201)
    #expect(families(service) == given && held(service) == given)
    #expect(service.spec["ipFamilyPolicy"]?.string == policy ?? "SingleStack")
    #expect(service.spec["clusterIP"]?.string == addresses(service).first)
  }

  @Test func addressesSayTheirFamilies() async throws {
    let space = try await space()
    let service = try await space.create(
      .services,
      TestObjects.service(
        "web",
        spec: [
          "clusterIP": "fd00:96::7", "clusterIPs": ["fd00:96::7", "10.96.9.7"], "ipFamilyPolicy": "RequireDualStack",
        ])
    ).object(201)
    #expect(families(service) == ["IPv6", "IPv4"])
    try await space.create(
      .services,
      TestObjects.service("b", spec: ["clusterIP": "fd00:96::8", "clusterIPs": ["fd00:96::8", "10.96.9.8"]])
    ).refused(
      422, "Invalid",
      "Service \"b\" is invalid: spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or "
        + "'PreferDualStack' when multiple cluster IPs are specified")
    try await space.create(.services, TestObjects.service("b", spec: ["ipFamilies": ["IPv4", "IPv6"]])).refused(
      422, "Invalid",
      "Service \"b\" is invalid: spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or "
        + "'PreferDualStack' when multiple IP families are specified")
  }

  @Test func headlessServicesHaveFamiliesAlone() async throws {
    let space = try await space()
    let selected = try await space.create(.services, TestObjects.service("a", spec: ["clusterIP": "None"])).object(201)
    #expect(families(selected) == ["IPv4"] && addresses(selected) == ["None"])
    #expect(selected.spec["ipFamilyPolicy"] == "SingleStack")
    let dual = try await space.create(
      .services, TestObjects.service("b", spec: ["clusterIP": "None", "ipFamilyPolicy": "PreferDualStack"])
    ).object(201)
    #expect(families(dual) == ["IPv4", "IPv6"] && addresses(dual) == ["None"])
    let bare = try await space.create(
      .services, TestObjects.service("c", spec: ["clusterIP": "None", "selector": .null])
    ).object(201)
    #expect(families(bare) == ["IPv4", "IPv6"] && bare.spec["ipFamilyPolicy"] == "RequireDualStack")
    // They may change their families.
    let changed = try await space.server.patch(
      space.path(.services, "a"), ["spec": ["ipFamilies": ["IPv6"]]]
    ).object()
    #expect(families(changed) == ["IPv6"])
  }

  @Test func aServiceGainsAndLosesItsSecondFamily() async throws {
    let space = try await space()
    let path = space.path(.services, "web")
    let one = try await space.create(.services, TestObjects.service("web")).object(201)
    let both = try await space.server.patch(path, ["spec": ["ipFamilyPolicy": "PreferDualStack"]]).object()
    #expect(held(both) == ["IPv4", "IPv6"] && addresses(both)[0] == addresses(one)[0])
    // The manifest it was made from, applied once more, takes nothing away.
    let again = try await space.server.put(path, TestObjects.service("web")).object()
    #expect(addresses(again) == addresses(both) && again.spec["ipFamilyPolicy"] == "PreferDualStack")
    let second = addresses(both)[1]
    try await space.server.patch(path, ["spec": ["clusterIPs": [.string(addresses(both)[0])]]]).refused(
      422, "Invalid",
      "Service \"web\" is invalid: spec.ipFamilyPolicy: Invalid value: \"PreferDualStack\": must be 'SingleStack' to "
        + "release the secondary cluster IP")
    try await space.server.patch(path, ["spec": ["ipFamilies": ["IPv4"]]]).refused(
      422, "Invalid",
      "Service \"web\" is invalid: spec.ipFamilyPolicy: Invalid value: \"PreferDualStack\": must be 'SingleStack' to "
        + "release the secondary IP family")
    let taken = TestObjects.service("other", spec: ["clusterIP": .string(second), "ipFamilies": ["IPv6"]])
    #expect(try await space.create(.services, taken).code == 422)
    let less = try await space.server.patch(path, ["spec": ["ipFamilyPolicy": "SingleStack"]]).object()
    #expect(held(less) == ["IPv4"] && families(less) == ["IPv4"])
    // The address is free again.
    _ = try await space.create(.services, taken).object(201)
    // One asks for a particular one, which is taken by now.
    try await space.server.patch(
      path,
      [
        "spec": [
          "ipFamilyPolicy": "RequireDualStack", "clusterIPs": [.string(addresses(one)[0]), .string(second)],
        ]
      ]
    ).refused(
      422, "Invalid",
      "Service \"web\" is invalid: spec.clusterIPs: Invalid value: [\"\(addresses(one)[0])\",\"\(second)\"]: failed to "
        + "allocate IP \(second): provided IP is already allocated")
  }

  @Test func thePrimaryFamilyStays() async throws {
    let space = try await space()
    let made = try await space.create(
      .services, TestObjects.service("web", spec: ["ipFamilyPolicy": "RequireDualStack"])
    ).object(201)
    let path = space.path(.services, "web")
    let swapped = JSON.array(addresses(made).reversed().map { .string($0) })
    let answer = try await space.server.patch(
      path, ["spec": ["ipFamilies": ["IPv6", "IPv4"], "clusterIP": swapped.items[0], "clusterIPs": swapped]])
    #expect(answer.code == 422 && answer.text.contains("may not change once set"))
    #expect(try await space.get(.services, "web").object() == made)
    // Nothing that was refused has cost anybody an address.
    _ = try await space.server.delete(path).object()
    for (index, address) in addresses(made).enumerated() {
      _ = try await space.create(
        .services,
        TestObjects.service(
          "s\(index)", spec: ["clusterIP": .string(address), "clusterIPs": [.string(address)]])
      ).object(201)
    }
  }

  @Test func aNameHasNoAddresses() async throws {
    let space = try await space()
    let path = space.path(.services, "web")
    let made = try await space.create(
      .services, TestObjects.service("web", spec: ["ipFamilyPolicy": "RequireDualStack"])
    ).object(201)
    let name = try await space.server.patch(
      path, ["spec": ["type": "ExternalName", "externalName": "a.example"]]
    ).object()
    for member in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] { #expect(name.spec[member] == nil) }
    for (index, address) in addresses(made).enumerated() {
      _ = try await space.create(
        .services,
        TestObjects.service(
          "s\(index)", spec: ["clusterIP": .string(address), "ipFamilies": [.string(families(made)[index])]])
      ).object(201)
    }
    let back = try await space.server.patch(
      path, ["spec": ["type": "ClusterIP", "externalName": .null, "ipFamilyPolicy": "PreferDualStack"]]
    ).object()
    #expect(held(back) == ["IPv4", "IPv6"] && Set(addresses(back)).isDisjoint(with: addresses(made)))
    // Where the addresses are changed with the type they are told to make no sense.
    try await space.server.patch(
      path, ["spec": ["type": "ExternalName", "externalName": "a.example", "ipFamilies": ["IPv6"]]]
    ).refused(
      422, "Invalid",
      "Service \"web\" is invalid: spec.ipFamilies: Forbidden: may not be set for ExternalName services")
  }

  @Test func theClustersOwn() async throws {
    let server = try await Self.starting.value
    let own = try await server.get("/api/v1/namespaces/default/services/kubernetes").object()
    #expect(addresses(own) == ["10.96.0.1"] && own.spec["ipFamilyPolicy"] == "SingleStack")
    let names = try await server.get("/api/v1/namespaces/kube-system/services/kube-dns").object()
    #expect(addresses(names) == ["10.96.0.10", "fd00:96::a"])
    let range = try await server.get("/apis/networking.k8s.io/v1/servicecidrs/kubernetes").object()
    #expect(range.spec["cidrs"] == ["10.96.0.0/16", "fd00:96::/112"] && range.isConditionTrue("Ready"))
  }

  @Test func oneFamilyIsNotTwo() async throws {
    let space = try await TestServer.shared.namespace()
    try await space.create(.services, TestObjects.service("a", spec: ["ipFamilyPolicy": "RequireDualStack"])).refused(
      422, "Invalid",
      "Service \"a\" is invalid: spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not "
        + "configured for dual-stack services")
    try await space.create(.services, TestObjects.service("a", spec: ["ipFamilies": ["IPv6"]])).refused(
      422, "Invalid",
      "Service \"a\" is invalid: spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this cluster")
    try await space.create(.services, TestObjects.service("a", spec: ["clusterIP": "fd00::5"])).refused(
      422, "Invalid",
      "Service \"a\" is invalid: spec.clusterIPs[0]: Invalid value: [\"fd00::5\"]: IPv6 is not configured on this "
        + "cluster")
    let made = try await space.create(
      .services, TestObjects.service("b", spec: ["ipFamilyPolicy": "PreferDualStack"])
    ).object(201)
    #expect(families(made) == ["IPv4"] && made.spec["ipFamilyPolicy"] == "PreferDualStack")
    let headless = try await space.create(
      .services, TestObjects.service("c", spec: ["clusterIP": "None", "selector": .null])
    ).object(201)
    #expect(families(headless) == ["IPv4", "IPv6"])
  }

  @Test func ipv6Alone() async throws {
    let server = try await TestServer { configuration in
      configuration.advertiseAddress = IPAddress("2001:db8::1")!
      configuration.serviceCIDRs = [CIDR("fd00:96::/112")!]
    }
    let space = try await server.namespace()
    let service = try await space.create(.services, TestObjects.service("web")).object(201)
    #expect(families(service) == ["IPv6"] && held(service) == ["IPv6"])
    let own = try await server.get("/api/v1/namespaces/default/services/kubernetes").object()
    #expect(addresses(own) == ["fd00:96::1"])
    let slice = try await server.get(
      "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes"
    ).object()
    #expect(slice["addressType"] == "IPv6" && slice["endpoints"]?.items.first?["addresses"] == ["2001:db8::1"])
  }
}
