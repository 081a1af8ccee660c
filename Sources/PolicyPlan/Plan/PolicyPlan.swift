package import ClusterModel
internal import HashTreeCollections
package import KubernetesAPI
internal import NetworkTypes

/// Keeps the kernel's policy rules in step with the cluster: takes in what changed, yields the operations.
///
/// Pods with the same policies share a profile: a list of allowances whose peers and ports are groups. A pod that comes or
/// goes is an element in each group it belongs to; a policy that changes rewrites the profiles it is part of.
package struct PolicyPlan: Sendable {
  package let configuration: Configuration
  private(set) var snapshot = ClusterSnapshot()
  package private(set) var index = PolicyIndex()
  var podsOfNamespace: [String: Set<ObjectName>] = [:]
  /// This node's pods by UID, and their addresses as the node's network knows them.
  private var podOfUID: [String: ObjectName] = [:]
  private var attachments: [String: [IPAddress]] = [:]
  private var subjects: [String: Subject] = [:]
  private var profiles: [ProfileKey: Profile] = [:]
  var groups: [GroupKey: PeerGroup] = [:]
  /// Groups whose members follow pods: of one namespace, and of any.
  var groupsOfNamespace: [String: Set<GroupKey>] = [:]
  var openGroups: Set<GroupKey> = []
  var elements = Elements()
  private var installedSubjects: [PolicySubject: UInt32] = [:]
  private var podAddresses = CountedSet<IPAddress>()
  private var nextProfile: UInt32 = 1
  var nextGroup: UInt32 = 1
  let nameServer: PodModel

  /// Beginning with an empty table.
  package init(_ configuration: Configuration) {
    self.configuration = configuration
    nameServer = .nameServer(at: configuration.nameServerAddresses)
    podsOfNamespace[nameServer.name.namespace] = [nameServer.name]
  }

  /// Sets of elements that several parts of the cluster may each want.
  struct Elements: Sendable {
    var members = CountedSet<GroupAddress>()
    var blocks = CountedSet<GroupBlock>()
    var ports = CountedSet<GroupPorts>()
    var sockets = CountedSet<GroupSocket>()
  }

  /// What decides which profile judges a pod.
  private enum ProfileKey: Hashable, Sendable {
    /// Of a pod the API has not told of: it is denied everything.
    case unknownPod(PolicyDirection)
    case policies([ObjectName], PolicyDirection, [PodModel.PortName: UInt16])

    var direction: PolicyDirection {
      switch self {
      case .unknownPod(let direction), .policies(_, let direction, _): direction
      }
    }
  }

  private struct Profile {
    let id: UInt32
    var users = 0
    var groups: [GroupKey] = []
    var rules: [PolicyRule] = []
  }

  private struct Subject {
    var addresses: [IPAddress]
    var profiles: [ProfileKey]
  }

  /// Pods of this node that policies judge in a direction.
  package var isolatedCount: Int { installedSubjects.count }

  /// Judges flows as the rules in force do.
  package var judge: PolicyJudge {
    PolicyJudge(snapshot, nameServerAddresses: configuration.nameServerAddresses, index: index)
  }
}

extension PolicyPlan {
  /// The operations that the changes call for.
  package mutating func update(_ update: ClusterUpdate) -> PolicyDelta {
    var delta = PolicyDelta()
    let former = snapshot
    snapshot = update.snapshot
    var (pods, uids) = (update.change.pods, Set<String>())
    takeAttachments(update.change.attachments, former, &pods, &uids)
    for name in update.change.pods { takePod(name, former.pods[name], &uids) }
    let changed = takePolicies(update.change.policies, &uids)
    for name in update.change.namespaces where former.namespaces[name]?.labels != snapshot.namespaces[name]?.labels {
      for pod in podsOfNamespace[name] ?? [] { for group in openGroups { place(pod, in: group) } }
    }
    for pod in pods { placeEverywhere(pod) }
    for uid in uids.sorted() { select(uid, &delta) }
    if !changed.isEmpty { for key in profiles.keys where uses(key, changed) { compile(key, &delta) } }
    retireProfiles(&delta)
    settleSubjects(uids, &delta)
    elements.members.drain(into: &delta.members)
    elements.blocks.drain(into: &delta.blocks)
    elements.ports.drain(into: &delta.ports)
    elements.sockets.drain(into: &delta.sockets)
    podAddresses.drain(into: &delta.podAddresses)
    return delta
  }

  private mutating func takeAttachments(
    _ changed: Set<IPAddress>, _ former: ClusterSnapshot, _ pods: inout Set<ObjectName>, _ uids: inout Set<String>
  ) {
    for address in changed.sorted() where address.family == configuration.family {
      if let uid = former.attachments[address] {
        attachments[uid]?.removeAll { $0 == address }
        if attachments[uid]?.isEmpty == true { attachments[uid] = nil }
        podAddresses.remove(address)
        uids.insert(uid)
      }
      if let uid = snapshot.attachments[address] {
        attachments[uid, default: []].append(address)
        podAddresses.insert(address)
        uids.insert(uid)
      }
    }
    pods.formUnion(uids.compactMap { podOfUID[$0] })
  }

  private mutating func takePod(_ name: ObjectName, _ former: PodModel?, _ uids: inout Set<String>) {
    let pod = snapshot.pods[name]
    if let pod {
      podsOfNamespace[name.namespace, default: []].insert(name)
      if pod.nodeName == configuration.nodeName {
        podOfUID[pod.uid] = name
        uids.insert(pod.uid)
      }
    } else {
      podsOfNamespace[name.namespace]?.remove(name)
      if podsOfNamespace[name.namespace]?.isEmpty == true { podsOfNamespace[name.namespace] = nil }
    }
    guard let former, former.nodeName == configuration.nodeName,
      former.uid != pod?.uid || pod?.nodeName != configuration.nodeName
    else { return }
    if podOfUID[former.uid] == name { podOfUID[former.uid] = nil }
    uids.insert(former.uid)
  }

  /// A pod's addresses: of this node's own pods they are known before the API has them.
  func addresses(of pod: PodModel) -> [IPAddress] {
    let told = pod.addresses.filter { $0.family == configuration.family }
    guard let attached = attachments[pod.uid], podOfUID[pod.uid] == pod.name else { return told }
    return told + attached.filter { !told.contains($0) }
  }

  /// Takes policies in and says which pods they may select.
  private mutating func takePolicies(_ names: Set<ObjectName>, _ uids: inout Set<String>) -> Set<ObjectName> {
    guard !names.isEmpty else { return [] }
    for name in names { index.put(snapshot.policies[name], at: name) }
    let namespaces = Set(names.map(\.namespace))
    for (uid, pod) in podOfUID where namespaces.contains(pod.namespace) { uids.insert(uid) }
    return names
  }
}

extension PolicyPlan {
  /// Finds the profiles of an attached pod.
  private mutating func select(_ uid: String, _ delta: inout PolicyDelta) {
    let former = subjects[uid]
    var wanted: [ProfileKey] = []
    if attachments[uid] != nil {
      let pod = podOfUID[uid].flatMap { snapshot.pods[$0] }
      for direction in PolicyDirection.allCases {
        guard let pod else {
          wanted.append(.unknownPod(direction))
          continue
        }
        let policies = index.policies(isolating: pod, direction)
        guard !policies.isEmpty else { continue }
        let names = direction == .ingress ? namedPorts(of: pod, policies) : [:]
        wanted.append(.policies(policies.map(\.name), direction, names))
      }
    }
    // What both have is not let go in between.
    for key in wanted { acquire(key, &delta) }
    for key in former?.profiles ?? [] { profiles[key]?.users -= 1 }
    subjects[uid] = attachments[uid].map { Subject(addresses: $0, profiles: wanted) }
  }

  /// What the names in the policies' rules mean on the pod.
  private func namedPorts(of pod: PodModel, _ policies: [NetworkPolicyModel]) -> [PodModel.PortName: UInt16] {
    var found: [PodModel.PortName: UInt16] = [:]
    for port in policies.flatMap({ $0.ingress ?? [] }).flatMap({ $0.ports ?? [] }) {
      guard case .named(let transport, let name) = port else { continue }
      let key = PodModel.PortName(transport, name)
      found[key] = pod.namedPorts[key]
    }
    return found
  }

  private mutating func acquire(_ key: ProfileKey, _ delta: inout PolicyDelta) {
    if profiles[key] == nil {
      profiles[key] = Profile(id: nextProfile)
      nextProfile += 1
      compile(key, &delta)
    }
    profiles[key]?.users += 1
  }

  private func uses(_ key: ProfileKey, _ changed: Set<ObjectName>) -> Bool {
    if case .policies(let names, _, _) = key { !changed.isDisjoint(with: names) } else { false }
  }

  private mutating func compile(_ key: ProfileKey, _ delta: inout PolicyDelta) {
    guard let former = profiles[key] else { return }
    var allowances: [Allowance] = []
    if case .policies(let names, let direction, let namedPorts) = key {
      allowances = AllowanceCompiler.allowances(
        names.compactMap { snapshot.policies[$0] }, direction, configuration.family, namedPorts: namedPorts)
    }
    var used: [GroupKey] = []
    let rules = allowances.map { allowance in
      let ports = allowance.ports.map { acquire(.ports($0), &used) }
      let peers: PolicyRule.Peers =
        switch allowance.peers {
        case .anybody: .anybody
        case .pods(let selector): .addresses(acquire(.pods(selector), &used))
        case .blocks(let blocks): .blocks(acquire(.blocks(blocks), &used))
        case .sockets(let peer, let name): .sockets(acquire(.sockets(peer, name), &used))
        }
      return PolicyRule(peers, ports: ports, from: allowance.origins)
    }
    for group in former.groups { release(group) }
    profiles[key]?.groups = used
    profiles[key]?.rules = rules
    if rules != former.rules || former.users == 0 {
      delta.profiles[former.id] = .some(PolicyProfile(key.direction, rules))
    }
  }

  private mutating func acquire(_ group: GroupKey, _ used: inout [GroupKey]) -> UInt32 {
    used.append(group)
    return acquire(group)
  }

  private mutating func retireProfiles(_ delta: inout PolicyDelta) {
    for (key, profile) in profiles where profile.users == 0 {
      for group in profile.groups { release(group) }
      profiles[key] = nil
      delta.profiles[profile.id] = .some(nil)
    }
  }

  private mutating func settleSubjects(_ uids: Set<String>, _ delta: inout PolicyDelta) {
    guard !uids.isEmpty else { return }
    var wanted: [PolicySubject: UInt32] = [:]
    for subject in subjects.values {
      for key in subject.profiles {
        for address in subject.addresses { wanted[PolicySubject(key.direction, address)] = profiles[key]?.id }
      }
    }
    for (subject, profile) in installedSubjects.sorted(by: { $0.key < $1.key }) where wanted[subject] != profile {
      delta.subjects.removed.append(subject)
    }
    for (subject, profile) in wanted.sorted(by: { $0.key < $1.key }) where installedSubjects[subject] != profile {
      delta.subjects.added.append((subject, profile))
    }
    installedSubjects = wanted
  }
}
