import JSONTree
import Testing

@testable import KubernetesAPI

@Suite struct ObjectWarningsTests {
  private func service(_ spec: JSON, annotations: JSON = [:]) -> [String] {
    ObjectWarnings.warnings(for: ["metadata": ["annotations": annotations], "spec": spec], kind: .services)
  }

  @Test func ofServices() {
    #expect(service(["type": "ClusterIP", "clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"]]).isEmpty)
    #expect(
      service([
        "type": "ClusterIP", "clusterIP": "None", "clusterIPs": ["None"], "sessionAffinity": "ClientIP",
        "loadBalancerIP": "192.0.2.1", "externalIPs": ["192.0.2.2"],
      ]) == [
        "spec.loadBalancerIP is ignored for headless services", "spec.externalIPs is ignored for headless services",
        "spec.SessionAffinity is ignored for headless services",
      ])
    #expect(
      service([
        "type": "NodePort", "clusterIP": "2001:DB8::1", "clusterIPs": ["2001:DB8::1"],
        "externalIPs": ["2001:db8:0::2"], "sessionAffinity": "None", "trafficDistribution": "PreferClose",
      ]) == [
        "spec.clusterIPs[0]: IPv6 address \"2001:DB8::1\" should be in RFC 5952 canonical format (\"2001:db8::1\")",
        "spec.externalIPs[0]: IPv6 address \"2001:db8:0::2\" should be in RFC 5952 canonical format (\"2001:db8::2\")",
        "spec.externalIPs is deprecated and may no longer be implemented in some clusters",
        "spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"",
      ])
    #expect(
      service(["type": "ExternalName", "externalName": "a.example", "externalIPs": ["192.0.2.1"]])
        == ["spec.externalIPs is ignored when spec.type is \"ExternalName\""])
    #expect(
      service(["type": "ClusterIP", "externalName": "a.example"])
        == ["spec.externalName is ignored when spec.type is not \"ExternalName\""])
    #expect(
      service(["type": "ClusterIP"], annotations: ["service.kubernetes.io/topology-aware-hints": "auto"]) == [
        "annotation service.kubernetes.io/topology-aware-hints is deprecated, please use "
          + "service.kubernetes.io/topology-mode instead"
      ])
  }

  @Test func ofAddressesFromBefore() {
    #expect(
      service([
        "type": "LoadBalancer", "loadBalancerIP": "010.0.0.1",
        "loadBalancerSourceRanges": ["10.0.0.1/8", "::ffff:1.2.3.0/120", "2001:DB8::/32"],
      ]) == [
        "spec.loadBalancerIP: non-standard IP address \"010.0.0.1\" will be considered invalid in a future Kubernetes "
          + "release: use \"10.0.0.1\"",
        "spec.loadBalancerSourceRanges[0]: CIDR value \"10.0.0.1/8\" is ambiguous in this context (should be "
          + "\"10.0.0.0/8\" or \"10.0.0.1/32\"?)",
        "spec.loadBalancerSourceRanges[1]: non-standard CIDR value \"::ffff:1.2.3.0/120\" will be considered invalid in "
          + "a future Kubernetes release: use \"1.2.3.0/24\"",
        "spec.loadBalancerSourceRanges[2]: IPv6 CIDR value \"2001:DB8::/32\" should be in RFC 5952 canonical format "
          + "(\"2001:db8::/32\")",
      ])
  }

  @Test func ofEndpoints() {
    let slice: JSON = ["addressType": "IPv6", "endpoints": [["addresses": ["2001:db8::1"]], ["addresses": ["::A"]]]]
    #expect(
      ObjectWarnings.warnings(for: slice, kind: .endpointSlices)
        == ["endpoints[1].addresses[0]: IPv6 address \"::A\" should be in RFC 5952 canonical format (\"::a\")"])
    #expect(
      ObjectWarnings.warnings(for: ["addressType": "FQDN"], kind: .endpointSlices)
        == ["addressType: FQDN endpoints are deprecated"])
    #expect(
      ObjectWarnings.warnings(for: ["subsets": [["notReadyAddresses": [["ip": "::B"]]]]], kind: .endpoints) == [
        "subsets[0].notReadyAddresses[0].ip: IPv6 address \"::B\" should be in RFC 5952 canonical format (\"::b\")"
      ])
  }
}
