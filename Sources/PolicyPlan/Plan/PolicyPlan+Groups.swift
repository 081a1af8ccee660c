internal import ClusterModel
internal import HashTreeCollections
internal import KubernetesAPI
internal import NetworkTypes

extension PolicyPlan {
  /// Counts one more user of a group, and fills it for the first.
  mutating func acquire(_ key: GroupKey) -> UInt32 {
    if groups[key] == nil {
      groups[key] = PeerGroup(id: nextGroup)
      nextGroup += 1
      fill(key)
    }
    groups[key]?.users += 1
    return groups[key]?.id ?? 0
  }

  mutating func release(_ key: GroupKey) {
    guard let group = groups[key] else { return }
    guard group.users == 1 else {
      groups[key]?.users -= 1
      return
    }
    for members in group.members.values { for member in members { count(member, group.id, -1) } }
    setFixed(key, group.id, present: false)
    groups[key] = nil
    guard key.followsPods else { return }
    if let namespace = key.namespace {
      groupsOfNamespace[namespace]?.remove(key)
      if groupsOfNamespace[namespace]?.isEmpty == true { groupsOfNamespace[namespace] = nil }
    } else {
      openGroups.remove(key)
    }
  }

  private mutating func fill(_ key: GroupKey) {
    guard let id = groups[key]?.id else { return }
    setFixed(key, id, present: true)
    guard key.followsPods else { return }
    if let namespace = key.namespace {
      groupsOfNamespace[namespace, default: []].insert(key)
      for pod in podsOfNamespace[namespace] ?? [] { place(pod, in: key) }
      return
    }
    openGroups.insert(key)
    for (namespace, pods) in podsOfNamespace where mayHold(key, namespace) {
      for pod in pods { place(pod, in: key) }
    }
  }

  private func mayHold(_ key: GroupKey, _ namespace: String) -> Bool {
    switch key {
    case .pods(let selector), .sockets(.pods(let selector)?, _): selector.matches(namespace: namespace, snapshot)
    default: true
    }
  }

  private mutating func setFixed(_ key: GroupKey, _ id: UInt32, present: Bool) {
    switch key {
    case .blocks(let blocks):
      for range in blocks.ranges {
        let block = GroupBlock(
          id, IPAddress(family: blocks.family, value: range.lowerBound),
          through: IPAddress(family: blocks.family, value: range.upperBound))
        if present { elements.blocks.insert(block) } else { elements.blocks.remove(block) }
      }
    case .ports(let ports):
      for (transport, ranges) in ports.ranges {
        for range in ranges {
          let entry = GroupPorts(id, transport, range)
          if present { elements.ports.insert(entry) } else { elements.ports.remove(entry) }
        }
      }
    case .pods, .sockets: break
    }
  }

  /// Looks at a pod's place in every group that may hold it.
  mutating func placeEverywhere(_ name: ObjectName) {
    for key in groupsOfNamespace[name.namespace] ?? [] { place(name, in: key) }
    for key in openGroups { place(name, in: key) }
  }

  mutating func place(_ name: ObjectName, in key: GroupKey) {
    guard let group = groups[key] else { return }
    let pod = name == nameServer.name ? nameServer : snapshot.pods[name]
    let wanted = pod.map { key.members($0, addresses(of: $0), snapshot) } ?? []
    let former = group.members[name] ?? []
    guard wanted != former else { return }
    for member in wanted { count(member, group.id, 1) }
    for member in former { count(member, group.id, -1) }
    groups[key]?.members[name] = wanted.isEmpty ? nil : wanted
  }

  private mutating func count(_ member: PeerGroup.Member, _ group: UInt32, _ change: Int) {
    switch member {
    case .address(let address):
      let element = GroupAddress(group, address)
      if change > 0 { elements.members.insert(element) } else { elements.members.remove(element) }
    case .socket(let endpoint, let transport):
      let element = GroupSocket(group, endpoint, transport)
      if change > 0 { elements.sockets.insert(element) } else { elements.sockets.remove(element) }
    }
  }
}
