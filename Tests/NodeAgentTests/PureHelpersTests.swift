import JSONTree
import KubernetesAPI
import NetworkTypes
import Testing

@testable import NodeAgent

@Suite struct PureHelpersTests {
  @Test func variablesExpandAsUpstreamSays() {
    let variables = ["A": "1"]
    #expect(VariableExpansion.expand("$(A)$$(A)$(B)$x$", with: variables) == "1$(A)$(B)$x$")
    #expect(VariableExpansion.expand("$(open", with: variables) == "$(open")
  }

  @Test func probesChangeTheirVerdictAtTheThreshold() {
    var state = ProbeState(timing: ProbeTiming(["failureThreshold": 2]))
    let changes = [true, false, false].map { state.take(success: $0) }
    #expect(changes == [true, false, true])
    #expect(state.verdict == .failure)
  }

  @Test func logLinesAreJoinedAndStamped() throws {
    let options = try LogOptions(["timestamps": ["true"]], now: Timestamp(seconds: 0))
    var filter = LogFilter(options)
    let text = Array("t1 stdout P ab\nt2 stdout F c\nt3 stderr F d\n".utf8)
    let output = filter.take(Array(text[..<10])) + filter.take(Array(text[10...]))
    #expect(String(decoding: output, as: UTF8.self) == "t1 abc\nt3 d\n")
  }

  @Test func resolverFollowsThePolicy() {
    let pod: JSON = [
      "metadata": ["namespace": "shop"], "spec": ["dnsConfig": ["options": [["name": "ndots", "value": "2"]]]],
    ]
    let found = ResolverConfiguration(
      pod: pod, node: .parse("search corp\nnameserver 9.9.9.9\n"), clusterServers: ["10.96.0.10"],
      clusterDomain: "cluster.local")
    #expect(found.servers == ["10.96.0.10"])
    #expect(found.searches == ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local", "corp"])
    #expect(found.options == ["ndots:2"])
  }
}

@Suite struct PodAddressTests {
  private func configuration(_ addresses: [String]) -> NodeAgentConfiguration {
    NodeAgentConfiguration(nodeName: "n", nodeAddresses: addresses.compactMap { IPAddress($0) })
  }

  @Test(arguments: [
    (["192.0.2.1", "fd00::1"], ["fd00:1::5", "10.1.0.5"], ["10.1.0.5", "fd00:1::5"]),
    (["fd00::1", "192.0.2.1"], ["10.1.0.5", "fd00:1::5"], ["fd00:1::5", "10.1.0.5"]),
    (["192.0.2.1"], ["10.1.0.5", "10.1.0.6", ""], ["10.1.0.5"]),
    (["192.0.2.1"], ["fd00:1::5"], ["fd00:1::5"]),
    ([], ["", ""], []),
  ]) func thoseOfTheNodesFirstFamilyComeFirst(node: [String], told: [String], shown: [String]) {
    #expect(configuration(node).ordered(podAddresses: told) == shown)
  }

  @Test func hostAddressesAreOneOfEachFamily() {
    #expect(configuration(["192.0.2.1", "192.0.2.2", "fd00::1"]).hostAddresses == ["192.0.2.1", "fd00::1"])
    #expect(configuration([]).hostAddresses.isEmpty)
  }
}
