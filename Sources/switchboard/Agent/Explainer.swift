import ClusterModel
import Explain
import JSONTree
import KubernetesAPI
import LinuxKernel
import NamePlan
import Netlink
import NetworkTypes
import NodeAgent
import PolicyEnforcer
import PolicyPlan
import ServiceProxy

/// Answers for this node's part of an explanation, out of its own model and kernel.
struct Explainer: Sendable {
  let nodeName: String
  let serviceBlocks: [CIDR]
  let feed: ClusterFeed
  let names: @Sendable () -> NameIndex?
  let auditor: PolicyAuditor

  func answer(_ part: String, _ query: [String: String], _ pods: PodsHere) async throws -> JSON {
    do {
      switch part {
      case "departure":
        let source = try ExplainSource(query["from"] ?? "", namespace: query["namespace"] ?? "default")
        let search = await search(of: source, pods)
        // It asks the kernel for routes.
        return try await BlockingThread.run { try departure(source, search, query).tree }
      case "arrival": return try await arrival(query, pods)
      case "audit": return auditor.report.tree
      case "probe": return try await probe(query, pods)
      default: throw NodeAgentError(.notFound, "no explanation of '\(part)'")
      }
    } catch let error as ExplainError {
      // An answer like any other: that the question makes no sense is what this node knows.
      return ["fault": .string(error.description)]
    } catch let error as NodeAgentError {
      throw error
    } catch {
      return ["fault": .string("node \(nodeName): \(error)")]
    }
  }

  private func node() throws(ExplainError) -> DepartureNode {
    guard let names = names() else { throw ExplainError("node \(nodeName) has not read the cluster yet") }
    return DepartureNode(
      nodeName: nodeName, snapshot: feed.snapshot, names: names, serviceBlocks: serviceBlocks,
      carriesSCTP: KernelSupport.translatesSCTP())
  }

  /// How a pod that runs here asks for names.
  private func search(of source: ExplainSource, _ pods: PodsHere) async -> NameSearch? {
    guard case .pod(let name) = source, let resolver = await pods.resolver(name) else { return nil }
    return NameSearch(servers: resolver.servers, suffixes: resolver.searches, dots: resolver.dots)
  }

  private func departure(
    _ source: ExplainSource, _ search: NameSearch?, _ query: [String: String]
  ) throws(ExplainError) -> Departure {
    try Departure(
      from: source, to: ExplainTarget(query["to"] ?? "", namespace: query["namespace"] ?? "default"),
      try transport(query), at: try node(), search: search)
  }

  private func arrival(_ query: [String: String], _ pods: PodsHere) async throws -> JSON {
    let judge = try node().judge
    guard let source = query["source"].flatMap({ IPAddress($0) }) else { throw ExplainError("source is no address") }
    let arrival = Arrival(
      from: source, to: try destination(query), try transport(query), sendingNode: query["sendingNode"], judge)
    if let pod = query["pod"], arrival.pod?.description != pod {
      let text = "node \(nodeName) does not know yet that \(arrival.destination.address) belongs to pod \(pod)"
      return [ExplainStep(.ingress, .unknown, text)].tree
    }
    let place: NetworkNamespace?
    if let pod = arrival.pod {
      guard let found = try await pods.network(pod) else {
        return [arrival.ingress, arrival.listening(nil)].tree
      }
      place = found
    } else {
      place = nil
    }
    let sockets = try await BlockingThread.run { try place?.run { try ListeningSocket.all() } ?? ListeningSocket.all() }
    return [arrival.ingress, arrival.listening(sockets)].tree
  }

  /// Connects for real, from inside the pod, and says what came of it.
  private func probe(_ query: [String: String], _ pods: PodsHere) async throws -> JSON {
    let source = try ExplainSource(query["from"] ?? "", namespace: query["namespace"] ?? "default")
    let (target, transport) = (try destination(query), try transport(query))
    let from: NetworkNamespace?
    switch source {
    case .pod(let pod):
      from = try await pods.network(pod)
      guard from != nil else { throw ExplainError("pod \(pod) does not run on node \(nodeName)") }
    case .node(nodeName): from = nil
    case .node, .address: throw ExplainError("\(source) does not send from node \(nodeName)")
    }
    return try await BlockingThread.run {
      try (from?.run { ConnectionProbe.step(target, transport) } ?? ConnectionProbe.step(target, transport)).tree
    }
  }

  private func destination(_ query: [String: String]) throws(ExplainError) -> SocketEndpoint {
    guard let address = query["destination"].flatMap({ IPAddress($0) }),
      let port = query["port"].flatMap({ UInt16($0) })
    else { throw ExplainError("destination and port are no address and port") }
    return SocketEndpoint(address, port)
  }

  private func transport(_ query: [String: String]) throws(ExplainError) -> TransportProtocol {
    let text = (query["protocol"] ?? "TCP").uppercased()
    guard let transport = TransportProtocol(rawValue: text) else {
      throw ExplainError("'\(text)' is no protocol: use TCP, UDP or SCTP")
    }
    return transport
  }
}
