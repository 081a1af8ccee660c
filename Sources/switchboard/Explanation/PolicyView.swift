import APIClient
import APIServer
import ClusterModel
import Explain
import JSONTree
import KubernetesAPI
import NetworkTypes

/// The cluster as its policies see it, read at once from the API; and as it would be with other policies.
struct PolicyView: Sendable {
  private let pods: [JSON]
  private let namespaces: [JSON]
  private var policies: [ObjectName: JSON]

  init(_ client: APIClient) async throws {
    async let pods = client.list(.pods)
    async let namespaces = client.list(.namespaces)
    async let policies = client.list(.networkPolicies)
    (self.pods, self.namespaces) = (try await pods.items, try await namespaces.items)
    self.policies = Dictionary(try await policies.items.map { ($0.objectName, $0) }) { first, _ in first }
  }

  /// With the policies of a file in place, as the API server would take them: it is asked, and changes nothing.
  func adding(file: String, namespace: String, _ client: APIClient) async throws -> PolicyView {
    var changed = self
    for document in file.split(separator: "\n---", omittingEmptySubsequences: true).map(String.init) {
      let text = document.hasPrefix("---") ? String(document.dropFirst(3)) : document
      guard text.contains(where: { !$0.isWhitespace }) else { continue }
      let tree = try YAMLTree(text).tree
      if tree.isNull { continue }
      guard tree.kind == "NetworkPolicy" else {
        throw ExplainError("the file has an object of kind '\(tree.kind)': --with takes NetworkPolicies only")
      }
      let place = tree.namespace.isEmpty ? namespace : tree.namespace
      let object = try await client.dryRunApply(tree, namespace: place)
      changed.policies[object.objectName] = object
    }
    return changed
  }

  var reach: Reach {
    let feed = ClusterFeed()
    for (kind, objects) in [
      (ResourceKind.namespaces, namespaces), (.pods, pods), (.networkPolicies, Array(policies.values)),
    ] { feed.apply(objects.compactMap { ClusterEvent(kind: kind, object: $0, isRemoved: false) }) }
    return Reach(
      feed.snapshot,
      containerPorts: Dictionary(pods.map { ($0.objectName, Self.ports(of: $0)) }) { first, _ in first })
  }

  private static func ports(of pod: JSON) -> Set<Reach.Port> {
    let containers = (pod.spec["containers"]?.items ?? []) + (pod.spec["initContainers"]?.items ?? [])
    return Set(
      containers.flatMap { $0["ports"]?.items ?? [] }.compactMap { port in
        guard let number = port["containerPort"]?.int.flatMap(UInt16.init(exactly:)),
          let transport = TransportProtocol(rawValue: port["protocol"]?.string ?? "TCP")
        else { return nil }
        return .numbered(transport, number)
      })
  }
}

extension APIClient {
  /// What the server would make of a policy that is applied; nothing is stored.
  fileprivate func dryRunApply(_ object: JSON, namespace: String) async throws -> JSON {
    var request = APIRequest(
      .patch, "/apis/networking.k8s.io/v1/namespaces/\(namespace)/networkpolicies/\(object.name)")
    request.query = [("dryRun", "All"), ("fieldManager", "switchboard-explain"), ("force", "true")].map {
      NamedValue($0.0, $0.1)
    }
    request.headers = [NamedValue("Content-Type", "application/apply-patch+yaml")]
    request.body = object.encoded()
    return try JSON.parse(try await raw(request).body)
  }
}
