import ClusterModel
import JSONTree
import KubernetesAPI
import NetworkTypes
import Testing

@Suite struct ModelReadingTests {
  @Test func serviceFieldsAreRead() throws {
    let service = ServiceModel(
      object: [
        "metadata": ["namespace": "shop", "name": "api"],
        "spec": [
          "type": "NodePort", "clusterIPs": ["10.96.0.7"], "clusterIP": "10.96.0.7", "sessionAffinity": "ClientIP",
          "ports": [["name": "http", "port": 80, "nodePort": 30080], ["name": "dns", "port": 53, "protocol": "UDP"]],
        ],
      ])
    #expect(service.kind == .nodePort)
    #expect(service.clusterIPs == [IPAddress(v4: 10, 96, 0, 7)])
    #expect(service.affinitySeconds == 10_800)
    #expect(service.ports[0] == .init(name: "http", port: 80, nodePort: 30080))
    #expect(service.ports[1].transport == .udp)
  }

  @Test func headlessServicesHaveNoAddress() {
    let service = ServiceModel(object: ["metadata": ["name": "db"], "spec": ["clusterIP": "None"]])
    #expect(service.isHeadless)
    #expect(service.clusterIPs.isEmpty)
  }

  @Test func endpointConditionsDefaultAsTheAPISays() {
    let slice = EndpointSliceModel(
      object: [
        "metadata": ["namespace": "shop", "name": "api-1", "labels": ["kubernetes.io/service-name": "api"]],
        "addressType": "IPv4", "ports": [["name": "http", "port": 8080]],
        "endpoints": [
          ["addresses": ["10.244.1.5"]],
          ["addresses": ["10.244.1.6"], "conditions": ["ready": false, "terminating": true, "serving": true]],
          ["addresses": ["fd00::1"]],
        ],
      ])
    #expect(slice.service?.description == "shop/api")
    #expect(slice.endpoints.count == 2)
    #expect(slice.endpoints[0].isReady && slice.endpoints[0].isServing && !slice.endpoints[0].isTerminating)
    #expect(!slice.endpoints[1].isReady && slice.endpoints[1].isServing && slice.endpoints[1].isTerminating)
  }

  @Test(arguments: ["Succeeded", "Failed"]) func aFinishedPodHasNoAddress(phase: String) {
    let pod = PodModel(
      object: ["metadata": ["name": "p"], "status": ["phase": .string(phase), "podIPs": [["ip": "10.244.1.5"]]]])
    #expect(pod.hasFinished)
    #expect(pod.addresses.isEmpty)
  }

  @Test func nodesNameTheirInternalAddressesAndBlocks() {
    let node = NodeModel(
      object: [
        "metadata": ["name": "node-1"], "spec": ["podCIDR": "10.244.1.0/24"],
        "status": [
          "addresses": [
            ["type": "Hostname", "address": "node-1"], ["type": "InternalIP", "address": "172.30.0.11"],
          ], "conditions": [["type": "Ready", "status": "True"]],
        ],
      ])
    #expect(node.addresses == [IPAddress(v4: 172, 30, 0, 11)])
    #expect(node.podCIDRs == [CIDR("10.244.1.0/24")])
    #expect(node.isReady)
  }
}
