package import JSONTree
internal import LinuxKernel
package import Logging
internal import Netlink
package import NetworkTypes
internal import RoutePlan
internal import Synchronization

/// Carries out CNI commands. Calls block on the kernel and may come from any number of threads.
package final class CNIHandler: Sendable {
  private let host: HostNetwork
  private let state: Mutex<NodeState>
  private let logger: Logger
  private let now: @Sendable () -> ContinuousClock.Instant
  private let onAttachment: @Sendable (AttachmentChange) -> Void

  /// What an ADD or DEL did to a pod's addresses.
  package enum AttachmentChange: Sendable, Hashable {
    case attached(podUID: String, [IPAddress])
    case detached(podUID: String, [IPAddress])
  }

  /// - Parameter onAttachment: told of what was attached before the runtime is.
  package init(
    host: HostNetwork, state: NodeState, logger: Logger,
    onAttachment: @escaping @Sendable (AttachmentChange) -> Void = { _ in },
    now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
  ) {
    self.host = host
    self.onAttachment = onAttachment
    self.state = Mutex(state)
    self.logger = logger
    self.now = now
  }

  /// Changes what the node knows.
  package func withState<Value: Sendable>(_ body: (inout sending NodeState) -> Value) -> Value {
    state.withLock { body(&$0) }
  }

  /// The answer for the plugin: `{"result": …}` or `{"error": …}`.
  package func answer(_ bytes: [UInt8]) -> JSON {
    do {
      let json: JSON
      do { json = try JSON.parse(bytes) } catch { throw CNIError(.invalidContent, "the request is no JSON: \(error)") }
      return ["result": try answer(CNIRequest(json))]
    } catch let error as CNIError {
      return ["error": error.json]
    } catch {
      return ["error": CNIError(.kernel, "\(error)").json]
    }
  }

  package func answer(_ request: CNIRequest) throws -> JSON {
    do {
      switch request.command {
      case .add: return try add(request).json(version: request.version)
      case .delete: try delete(request)
      case .check: try check(request)
      case .status: try status()
      case .collectGarbage: try collectGarbage(request)
      case .version: return Self.versions(request.version)
      }
      return .object([:])
    } catch {
      logger.warning(
        "CNI \(request.command.rawValue) failed",
        metadata: [
          "container": "\(request.containerID)", "pod": "\(request.pod)", "error": "\(error)",
        ])
      throw error
    }
  }

  package static func versions(_ version: String) -> JSON {
    [
      "cniVersion": .string(CNIRequest.supportedVersions.contains(version) ? version : "1.0.0"),
      "supportedVersions": .array(CNIRequest.supportedVersions.map { .string($0) }),
    ]
  }

  private func attachment(_ request: CNIRequest) -> PodAttachment {
    PodAttachment(
      host: host,
      link: PodLink(
        containerID: request.containerID, interfaceName: request.interfaceName, podUID: request.podUID))
  }

  private func add(_ request: CNIRequest) throws -> CNIResult {
    let pod = try openNamespace(request.namespacePath)
    let attachment = attachment(request)
    do {
      if let result = try attachment.existing(in: pod) {
        onAttachment(.attached(podUID: request.podUID, result.addresses))
        return result
      }
    } catch let error as CNIError where error.code == .mismatch {
      // A former ADD that was cut off, or a link into a namespace that was replaced.
      logger.info(
        "replacing a broken pod link", metadata: ["link": "\(attachment.link.hostName)", "reason": "\(error)"])
      release(try attachment.remove(), of: attachment.link)
    }
    let addresses = try state.withLock { try $0.reserve(now: now()) { try host.routedAddresses($0) } }
    defer { state.withLock { $0.reserved.subtract(addresses) } }
    let settings = state.withLock {
      PodAttachment.Settings(addresses: addresses, mtu: $0.mtu, sources: $0.sources)
    }
    let result = try attachment.create(in: pod, settings)
    onAttachment(.attached(podUID: request.podUID, addresses))
    logger.debug(
      "attached a pod",
      metadata: [
        "pod": "\(request.pod)", "link": "\(attachment.link.hostName)",
        "addresses": "\(addresses.map(\.description).joined(separator: " "))",
      ])
    return result
  }

  private func delete(_ request: CNIRequest) throws {
    let attachment = attachment(request)
    release(try attachment.remove(), of: attachment.link)
  }

  private func release(_ addresses: [IPAddress], of link: PodLink) {
    let time = now()
    onAttachment(.detached(podUID: link.podUID, addresses))
    state.withLock { state in for address in addresses { state.pool.release(address, now: time) } }
  }

  private func check(_ request: CNIRequest) throws {
    let pod = try openNamespace(request.namespacePath)
    guard let result = try attachment(request).existing(in: pod) else {
      throw CNIError(.mismatch, "container \(request.containerID) has no link on this node")
    }
    let wanted = (request.configuration[path: "prevResult", "ips"]?.items ?? [])
      .compactMap { $0["address"]?.string.flatMap { CIDR($0)?.base } }
    guard Set(wanted).isSubset(of: result.addresses) else {
      throw CNIError(
        .mismatch, "the link has \(result.addresses), the runtime expects \(wanted)")
    }
  }

  /// STATUS of CNI 1.1: whether an ADD could succeed now.
  private func status() throws(CNIError) {
    let (isSynced, hasBlock) = state.withLock { ($0.isSynced, !$0.plan.podCIDRs.isEmpty) }
    guard isSynced, hasBlock else {
      throw CNIError(
        .notAvailable, isSynced ? "the node has no pod CIDR yet" : "the node has not read the cluster yet")
    }
  }

  /// GC of CNI 1.1: removes the links of containers that the runtime does not name.
  private func collectGarbage(_ request: CNIRequest) throws {
    guard let valid = request.configuration["cni.dev/valid-attachments"]?.array else {
      throw CNIError(.invalidConfiguration, "GC needs cni.dev/valid-attachments")
    }
    let kept = Set(valid.map { "\($0["containerID"]?.string ?? "")/\($0["ifname"]?.string ?? "")" })
    for link in try host.routes.links() {
      guard let pod = PodLink(alias: link.alias), link.name == pod.hostName,
        !kept.contains("\(pod.containerID)/\(pod.interfaceName)")
      else { continue }
      release(try PodAttachment(host: host, link: pod).remove(), of: pod)
    }
  }

  private func openNamespace(_ path: String) throws(CNIError) -> NetworkNamespace {
    do {
      return try NetworkNamespace.open(path: path)
    } catch {
      throw CNIError(.invalidEnvironment, "CNI_NETNS \(path) cannot be entered", details: error.message)
    }
  }
}
