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

  @Test func labelsAndPoliciesOfServicesAreRead() {
    let service = ServiceModel(
      object: [
        "metadata": ["name": "api", "labels": ["service.kubernetes.io/headless": ""]],
        "spec": [
          "type": "LoadBalancer", "externalTrafficPolicy": "Local", "internalTrafficPolicy": "Local",
          "healthCheckNodePort": 32000, "loadBalancerSourceRanges": ["10.0.0.0/8", " 192.0.2.0/24 ", "nonsense"],
          "ports": [["port": 80, "protocol": "QUIC"], ["port": 81]],
        ],
        "status": ["loadBalancer": ["ingress": [["ip": "192.0.2.1"], ["ip": "192.0.2.2", "ipMode": "Proxy"]]]],
      ])
    #expect(service.isLeftToOthers && service.foreignProxyName == nil)
    #expect(service.externalTrafficIsLocal && service.internalTrafficIsLocal)
    #expect(service.healthCheckNodePort == 32000)
    #expect(service.loadBalancerSourceRanges == [CIDR("10.0.0.0/8")!, CIDR("192.0.2.0/24")!])
    #expect(service.loadBalancerIPs == [IPAddress("192.0.2.1")!])
    #expect(service.ports.map(\.port) == [81])
  }

  @Test func hintsAndTriggersOfSlicesAreRead() {
    let slice = EndpointSliceModel(
      object: [
        "metadata": [
          "name": "api-1",
          "annotations": ["endpoints.kubernetes.io/last-change-trigger-time": "2026-01-31T12:00:00.5Z"],
        ],
        "endpoints": [
          [
            "addresses": ["10.244.1.5"], "hints": ["forZones": [["name": "a"]], "forNodes": [["name": "node-1"]]],
            "conditions": ["ready": false],
          ]
        ],
      ])
    #expect(slice.endpoints[0].zoneHints == ["a"])
    #expect(slice.endpoints[0].nodeHints == ["node-1"])
    // Without a word about it an endpoint serves.
    #expect(slice.endpoints[0].isServing)
    #expect(slice.changeTrigger?.nanoseconds == 500_000_000)
  }

  @Test func hostPortsOfPodsAreRead() {
    let spec: JSON = [
      "initContainers": [
        ["ports": [["containerPort": 1, "hostPort": 1]]],
        ["restartPolicy": "Always", "ports": [["containerPort": 2, "hostPort": 2]]],
      ],
      "containers": [
        [
          "ports": [
            ["containerPort": 80, "hostPort": 8000, "protocol": "UDP", "hostIP": "127.0.0.1"], ["containerPort": 81],
            ["containerPort": 82, "hostPort": 8002, "hostIP": "nonsense"],
          ]
        ]
      ],
    ]
    let pod = PodModel(object: ["metadata": ["name": "p"], "spec": spec])
    #expect(
      pod.hostPorts == [.init(.tcp, 2, to: 2), .init(.udp, 8000, to: 80, at: IPAddress(v4: 127, 0, 0, 1))])
    var onHost = spec
    onHost["hostNetwork"] = true
    #expect(PodModel(object: ["metadata": ["name": "p"], "spec": onHost]).hostPorts.isEmpty)
  }

  @Test func nodesSayThatTheyLeave() {
    func isLeaving(_ metadata: JSON, _ spec: JSON) -> Bool {
      NodeModel(object: ["metadata": metadata, "spec": spec]).isLeaving
    }
    #expect(!isLeaving(["name": "n"], [:]))
    #expect(isLeaving(["name": "n", "deletionTimestamp": "2026-01-31T12:00:00Z"], [:]))
    #expect(isLeaving(["name": "n"], ["taints": [["key": "ToBeDeletedByClusterAutoscaler", "effect": "NoSchedule"]]]))
  }
}
