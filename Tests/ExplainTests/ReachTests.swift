import ClusterModel
import JSONTree
import KubernetesAPI
import NetworkTypes
import Testing

@testable import Explain

@Suite struct ReachTests {
  private static func reach(_ policies: JSON...) -> Reach {
    let feed = ClusterFeed()
    feed.apply([.namespace(NamespaceModel(name: "shop"))])
    for (index, name) in ["client", "web"].enumerated() {
      var pod = PodModel(name: ObjectName(namespace: "shop", name: name))
      pod.addresses = [IPAddress(v4: 10, 244, 1, UInt8(index + 2))]
      pod.labels = ["app": name]
      feed.apply([.pod(pod)])
    }
    feed.apply(policies.compactMap { ClusterEvent(kind: .networkPolicies, object: $0, isRemoved: false) })
    return Reach(feed.snapshot, containerPorts: [web: [.numbered(.tcp, 8080)]])
  }

  private static let client = ObjectName(namespace: "shop", name: "client")
  private static let web = ObjectName(namespace: "shop", name: "web")

  @Test func aPolicyClosesAllButWhatItAllows() {
    let policy: JSON = [
      "metadata": ["name": "web", "namespace": "shop"],
      "spec": ["podSelector": ["matchLabels": ["app": "web"]], "ingress": [["ports": [["port": 8080]]]]],
    ]
    let differences = Self.reach().differences(to: Self.reach(policy))
    let pair = Reach.Pair(Self.client, Self.web)
    #expect(
      Set(differences) == [
        Reach.Difference(pair: pair, port: .other(.tcp), opens: false),
        Reach.Difference(pair: pair, port: .other(.udp), opens: false),
      ])
    #expect(Self.reach(policy).differences(to: Self.reach()).allSatisfy { $0.opens })
    #expect(Self.reach(policy).allows(pair, .numbered(.tcp, 8080)))
  }

  @Test func portsThatOnlyPoliciesNameAreToldOf() {
    let policy: JSON = [
      "metadata": ["name": "web", "namespace": "shop"],
      "spec": ["podSelector": ["matchLabels": ["app": "web"]], "ingress": [["ports": [["port": 5432]]]]],
    ]
    let pair = Reach.Pair(Self.client, Self.web)
    #expect(Self.reach(policy).ports(of: Self.web).contains(.numbered(.tcp, 5432)))
    #expect(Self.reach(policy).allows(pair, .numbered(.tcp, 5432)))
    #expect(!Self.reach(policy).allows(pair, .numbered(.tcp, 8080)))
  }

  @Test func rangesDoNotPassForOtherPorts() {
    let policy: JSON = [
      "metadata": ["name": "web", "namespace": "shop"],
      "spec": ["podSelector": [:], "ingress": [["ports": [["port": 1024, "endPort": 65535]]]]],
    ]
    #expect(!Self.reach(policy).allows(Reach.Pair(Self.client, Self.web), .other(.tcp)))
  }
}
