import JSONTree
import KubernetesAPI
import Testing

@testable import NodeAgent

/// Host names, hosts files, resolvers.
@Suite struct NameTests {
  private func pod(_ name: String = "web", _ spec: JSONObject = [:]) -> JSON {
    testPod(name) { pod in for member in spec.members { pod[path: "spec", member.key] = member.value } }
  }

  // MARK: Host names

  @Test func theHostNameIsThePodsOwnOrItsName() {
    #expect(HostName.short(of: pod()) == "web")
    #expect(HostName.short(of: pod("web", ["hostname": "db"])) == "db")
    #expect(HostName.short(of: pod("web", ["hostname": ""])) == "web")
    let other = pod("web", ["hostname": "db", "subdomain": "shop", "hostnameOverride": "override.example.host"])
    #expect(HostName.short(of: other) == "override.example.host")
    #expect(HostName.full(of: other, clusterDomain: "cluster.local") == nil)
    let long = String(repeating: "a", count: 61) + "-.b"
    #expect(HostName.short(of: pod(long)) == String(repeating: "a", count: 61))
  }

  @Test func aSubdomainMakesAFullName() throws {
    let named = pod("web", ["subdomain": "shop"])
    #expect(HostName.full(of: named, clusterDomain: "cluster.local") == "web.shop.default.svc.cluster.local")
    #expect(HostName.full(of: pod(), clusterDomain: "cluster.local") == nil)
    #expect(try HostName.kernelName(of: named, clusterDomain: "cluster.local") == "web")
  }

  @Test func aFullNameIsTheHostNameWhereItFits() throws {
    let named = pod("web", ["subdomain": "shop", "setHostnameAsFQDN": true])
    #expect(try HostName.kernelName(of: named, clusterDomain: "c") == "web.shop.default.svc.c")
    #expect(try HostName.kernelName(of: pod("web", ["setHostnameAsFQDN": true]), clusterDomain: "c") == "web")
    let long = String(repeating: "d", count: 64 - "web.shop.default.svc.".count)
    #expect(try HostName.kernelName(of: named, clusterDomain: long).utf8.count == 64)
    #expect(throws: NodeAgentError.self) { try HostName.kernelName(of: named, clusterDomain: long + "d") }
  }

  // MARK: Hosts file

  @Test func theHostsFileNamesThePodAndItsAliases() {
    let aliases: JSON = [["ip": "192.0.2.7", "hostnames": ["a", "b.example"]]]
    let text = HostsFile.text(
      pod: pod("web", ["subdomain": "shop", "hostAliases": aliases]), addresses: ["10.244.0.9", "fd00::9"],
      clusterDomain: "cluster.local", nodeFile: "")
    #expect(
      text == """
        # Kubernetes-managed hosts file.
        127.0.0.1\tlocalhost
        ::1\tlocalhost ip6-localhost ip6-loopback
        fe00::0\tip6-localnet
        fe00::0\tip6-mcastprefix
        fe00::1\tip6-allnodes
        fe00::2\tip6-allrouters
        10.244.0.9\tweb.shop.default.svc.cluster.local\tweb
        fd00::9\tweb.shop.default.svc.cluster.local\tweb

        # Entries added by HostAliases.
        192.0.2.7\ta\tb.example

        """)
  }

  @Test func onTheNodesNetworkTheNodesFileCounts() {
    let text = HostsFile.text(
      pod: pod("web", ["hostNetwork": true]), addresses: ["192.0.2.1"], clusterDomain: "c",
      nodeFile: "127.0.0.1 localhost\n192.0.2.1 node-1\n")
    #expect(
      text == "# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n192.0.2.1 node-1\n")
  }

  // MARK: Resolver

  private let node = ResolverConfiguration.parse(
    "# mine\nsearch corp.example\nnameserver 9.9.9.9\noptions timeout:2\nnameserver 8.8.8.8\n")

  private func resolver(_ spec: JSONObject) -> ResolverConfiguration {
    ResolverConfiguration(
      pod: pod("web", spec), node: node, clusterServers: ["10.96.0.10"], clusterDomain: "cluster.local")
  }

  private let clusterSearches = [
    "default.svc.cluster.local", "svc.cluster.local", "cluster.local", "corp.example",
  ]

  @Test(
    arguments: [
      (["dnsPolicy": "ClusterFirst"], true), (["dnsPolicy": "ClusterFirst", "hostNetwork": true], false),
      (["dnsPolicy": "ClusterFirstWithHostNet", "hostNetwork": true], true), (["dnsPolicy": "Default"], false),
      ([:], true),
    ] as [(JSONObject, Bool)])
  func thePolicyChoosesTheServers(_ spec: JSONObject, _ usesCluster: Bool) {
    let found = resolver(spec)
    #expect(found.servers == (usesCluster ? ["10.96.0.10"] : ["9.9.9.9", "8.8.8.8"]))
    #expect(found.searches == (usesCluster ? clusterSearches : ["corp.example"]))
    #expect(found.options == (usesCluster ? ["ndots:5"] : ["timeout:2"]))
    #expect(found.warnings == [])
  }

  @Test func thePodsOwnConfigurationIsAdded() {
    let config: JSON = [
      "nameservers": ["1.1.1.1", "10.96.0.10"], "searches": ["mine", "cluster.local"],
      "options": [["name": "ndots", "value": "1"], ["name": "rotate"]],
    ]
    var found = resolver(["dnsConfig": config])
    #expect(found.servers == ["10.96.0.10", "1.1.1.1"])
    #expect(found.searches == clusterSearches + ["mine"])
    #expect(found.options == ["ndots:1", "rotate"])
    found = resolver(["dnsPolicy": "None", "dnsConfig": config])
    #expect(found.servers == ["1.1.1.1", "10.96.0.10"])
    #expect(found.searches == ["mine", "cluster.local"])
  }

  @Test func moreThanAResolverReadsIsLeftOutAloud() {
    let many: JSON = .array((1...40).map { .string("s\($0)") })
    let found = resolver([
      "dnsPolicy": "None",
      "dnsConfig": ["nameservers": ["1.1.1.1", "2.2.2.2", "3.3.3.3", "4.4.4.4"], "searches": many],
    ])
    #expect(found.servers == ["1.1.1.1", "2.2.2.2", "3.3.3.3"])
    #expect(found.searches.count == 32)
    #expect(found.warnings.count == 2)
    #expect(found.warnings.first?.hasSuffix("the applied nameserver line is: 1.1.1.1 2.2.2.2 3.3.3.3") == true)
  }

  @Test func aSearchLineIsAsLongAsResolversRead() {
    let long: JSON = .array((0..<20).map { .string(String(repeating: "x", count: 199) + "\($0)") })
    let found = resolver(["dnsPolicy": "None", "dnsConfig": ["searches": long]])
    #expect(found.searches.joined(separator: " ").utf8.count <= 2048)
    #expect(found.searches.count == 10)
  }
}
