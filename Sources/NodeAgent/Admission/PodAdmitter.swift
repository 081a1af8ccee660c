import JSONTree
import KubernetesAPI
import LinuxKernel

/// Takes pods one after another, each with those in view that were taken before it, and keeps what was set aside for
/// them: in the pods' folders, where an agent that comes later finds it.
actor PodAdmitter {
  /// What becomes of a wish for other resources.
  enum Resize: Sendable, Hashable {
    case allocated(PodAllocation)
    case pending(reason: String, message: String)
  }

  private let configuration: NodeAgentConfiguration
  private let allocatable: ResourceAmounts
  private let pods: @Sendable () -> [JSON]
  private let node: @Sendable () async -> JSON?
  private var admitted: Set<String> = []
  private var allocations: [String: PodAllocation] = [:]

  /// - Parameters:
  ///   - pods: everything bound to the node, as known now.
  ///   - node: the Node object; `nil` where it cannot be read, which then counts for nothing.
  init(
    configuration: NodeAgentConfiguration, machine: MachineFacts, pods: @escaping @Sendable () -> [JSON],
    node: @escaping @Sendable () async -> JSON?
  ) {
    self.configuration = configuration
    allocatable = ResourceAmounts(NodeObject.capacity(configuration, machine))
    self.pods = pods
    self.node = node
  }

  /// Why the node does not take the pod; `nil`: it is taken. A pod that was started by an earlier agent was taken then.
  func admit(_ pod: JSON) async -> PodAdmission.Rejection? {
    if admitted.contains(pod.uid) || hasStarted(pod) {
      admitted.insert(pod.uid)
      return nil
    }
    let object = PodAdmission.needsNode(pod) ? await node() : nil
    if let rejection = admission(beside: pod, node: object).rejection(of: pod) { return rejection }
    admitted.insert(pod.uid)
    return nil
  }

  /// Sets aside what a pod wants now, if there is room.
  func resize(_ pod: JSON) throws -> Resize {
    let admission = admission(beside: pod, node: nil)
    if let message = admission.excess(of: pod) { return .pending(reason: "Infeasible", message: message) }
    if let shortage = admission.shortage(of: pod) { return .pending(reason: "Deferred", message: shortage.message) }
    var allocation = try allocation(of: pod)
    allocation.allocated = PodAllocation(pod).allocated
    try keep(allocation, of: pod.uid)
    return .allocated(allocation)
  }

  private func admission(beside pod: JSON, node: JSON?) -> PodAdmission {
    let all = pods()
    let uids = Set(all.map(\.uid))
    admitted.formIntersection(uids)
    allocations = allocations.filter { $0.key == pod.uid || uids.contains($0.key) }
    let others = all.filter { other in
      other.uid != pod.uid && !other.isPodFinished && (admitted.contains(other.uid) || hasStarted(other))
    }
    return PodAdmission(
      nodeName: configuration.nodeName, allocatable: allocatable,
      others: others.map { known($0.uid)?.counted($0) ?? $0 }, node: node)
  }

  private func hasStarted(_ pod: JSON) -> Bool { pod.status["startTime"] != nil }

  // MARK: Allocations

  /// What is set aside for a pod that was taken; all it asks for where that has not been kept yet.
  func allocation(of pod: JSON) throws -> PodAllocation {
    if let known = known(pod.uid) { return known }
    let allocation = PodAllocation(pod)
    try keep(allocation, of: pod.uid)
    return allocation
  }

  func keep(_ allocation: PodAllocation, of uid: String) throws {
    try KernelFile.makeFolder(configuration.directory(of: uid))
    try KernelFile.replace(path(of: uid), with: allocation.json.encoded())
    allocations[uid] = allocation
  }

  private func known(_ uid: String) -> PodAllocation? {
    if let known = allocations[uid] { return known }
    guard let bytes = try? KernelFile.read(path(of: uid)), let json = try? JSON.parse(bytes),
      let allocation = PodAllocation(json: json)
    else { return nil }
    allocations[uid] = allocation
    return allocation
  }

  private func path(of uid: String) -> String { configuration.directory(of: uid) + "/resources.json" }
}
