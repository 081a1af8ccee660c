import APIClient
import APITesting
import JSONTree
import KubernetesAPI
import Logging
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct LeaseRenewerTests {
  private let api = FakeAPI()

  @Test func theLeaseIsOwnedByTheObjectAndRenewed() async throws {
    api.put(.namespaces, ["metadata": ["name": "kube-node-lease"]])
    let node = api.put(.nodes, ["metadata": ["name": "node-1"]])
    var configuration = LeaseRenewer.Configuration(
      name: ObjectName(namespace: "kube-node-lease", name: "node-1"), holder: "node-1")
    configuration.interval = .milliseconds(1)
    configuration.owner = { node }
    let renewer = LeaseRenewer(client: api.client, configuration: configuration, logger: Logger(label: "test"))
    let leases = try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await renewer.run() }
      defer { group.cancelAll() }
      var leases: [JSON] = []
      for try await event in try await api.client.watch(.leases, namespace: "kube-node-lease") {
        if case .added(let lease) = event { leases.append(lease) }
        if case .modified(let lease) = event { leases.append(lease) }
        if leases.count == 3 { break }
      }
      return leases
    }
    let owner = try #require(leases.first?.ownerReferences.first)
    #expect(owner["kind"] == "Node")
    #expect(owner["name"] == "node-1")
    #expect(owner["uid"]?.string == node.uid)
    #expect(owner["apiVersion"] == "v1")
    #expect(Set(leases.compactMap { $0.spec["renewTime"]?.string }).count == 3)
    #expect(Set(leases.compactMap { $0.spec["acquireTime"]?.string }).count == 1)
    #expect(leases.last?.spec["leaseDurationSeconds"]?.int == 40)
  }

  @Test func newsRenewTheLeaseAtOnceWithItsAnnotations() async throws {
    api.put(.namespaces, ["metadata": ["name": "kube-node-lease"]])
    var configuration = LeaseRenewer.Configuration(
      name: ObjectName(namespace: "kube-node-lease", name: "node-1"), holder: "node-1")
    configuration.interval = .seconds(3600)
    configuration.shortestInterval = .milliseconds(1)
    let (news, tell) = AsyncStream.makeStream(of: Void.self)
    configuration.news = news
    let revision = Mutex(1)
    configuration.annotations = { ["example.com/revision": "\(revision.withLock { $0 })"] }
    let renewer = LeaseRenewer(client: api.client, configuration: configuration, logger: Logger(label: "test"))
    let texts = try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await renewer.run() }
      defer { group.cancelAll() }
      var texts: [String] = []
      for try await event in try await api.client.watch(.leases, namespace: "kube-node-lease") {
        switch event {
        case .added(let lease), .modified(let lease): texts.append(lease.annotations["example.com/revision"] ?? "")
        default: continue
        }
        if texts.count == 2 { break }
        revision.withLock { $0 = 2 }
        tell.yield()
      }
      return texts
    }
    #expect(texts == ["1", "2"])
  }
}
