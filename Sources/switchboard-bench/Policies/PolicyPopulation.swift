import ClusterModel
import KubernetesAPI
import NetworkTypes

/// A cluster of pods and policies as people write them: applications that call each other within a namespace, and one
/// that everybody may call.
struct PolicyPopulation {
  let pods: Int
  let policies: Int
  /// Pods of the node that is measured come first.
  let localPods: Int

  static let nodeName = "node-1"
  private static let applications = 10
  private var namespaces: Int { max(1, pods / 100) }

  /// Everything but attachments.
  var events: [ClusterEvent] {
    (0..<namespaces).map { .namespace(namespace($0)) } + (0..<pods).map { .pod(pod($0)) }
      + (0..<policies).map { .policy(policy($0)) }
  }

  var attachments: [ClusterEvent] {
    (0..<localPods).map { .attached(address($0), podUID: pod($0).uid) }
  }

  func address(_ number: Int) -> IPAddress { IPAddress(v4: 10, 128, 0, 2).advanced(by: UInt128(number)) }

  func pod(_ number: Int) -> PodModel {
    var pod = PodModel(name: ObjectName(namespace: "ns-\(number % namespaces)", name: "pod-\(number)"))
    pod.uid = "uid-\(number)"
    pod.nodeName = number < localPods ? Self.nodeName : "node-\(2 + number % 100)"
    pod.labels = ["app": "app-\(number / namespaces % Self.applications)", "pod": "\(number)"]
    pod.addresses = [address(number)]
    return pod
  }

  private func namespace(_ number: Int) -> NamespaceModel {
    let name = "ns-\(number)"
    return NamespaceModel(name: name, labels: ["kubernetes.io/metadata.name": name, "team": "team-\(number % 7)"])
  }

  /// Of an application: two others of the namespace may call it at a port, those of a team at another, a block outside,
  /// except a part of it, at all.
  private func policy(_ number: Int) -> NetworkPolicyModel {
    let space = "ns-\(number % namespaces)"
    let application = number / namespaces
    func app(_ number: Int) -> LabelSelector { LabelSelector(labels: ["app": "app-\(number % Self.applications)"]) }
    var policy = NetworkPolicyModel(name: ObjectName(namespace: space, name: "policy-\(number)"))
    policy.subjects = app(application)
    let block = IPAddress(v4: 192, 0, 0, 0).advanced(by: UInt128(number % 1000) << 8)
    policy.ingress = [
      NetworkPolicyModel.Rule(
        peers: [
          .pods(.init(.named(space), pods: app(application + 1))),
          .pods(.init(.named(space), pods: app(application + 2))),
        ],
        ports: [.numbers(.tcp, 8080...8080)]),
      NetworkPolicyModel.Rule(
        peers: [.pods(.init(.labelled(LabelSelector(labels: ["team": "team-\(number % 7)"]))))],
        ports: [.numbers(.tcp, 9090...9099)]),
      NetworkPolicyModel.Rule(
        peers: [CIDR(block, prefixLength: 24)].compactMap { $0 }.map {
          .block($0, except: [CIDR(block, prefixLength: 28)].compactMap { $0 })
        }),
    ]
    return policy
  }
}
