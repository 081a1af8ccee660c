package import KubernetesAPI
package import NetworkTypes

/// Makes one record of what two nodes tell of the same flow: the sender's node knows the Service and what the sender's
/// policies said, the receiver's what the receiver's said.
package enum FlowJoin {
  /// A flow as it is between two nodes: after what the first translates, before what the second does.
  package struct Path: Hashable, Sendable {
    let transport: String
    let source: FlowEnd
    let target: FlowEnd

    init(_ transport: String, _ source: SocketEndpoint, _ target: SocketEndpoint) {
      self.transport = transport
      self.source = FlowEnd(source.address, source.port)
      self.target = FlowEnd(target.address, target.port)
    }
  }

  /// All records, those of one flow as one, in the order of their time. A flow to a node's port that leads to another node
  /// is seen in up to three parts, the last perhaps by the node of the first.
  package static func join(_ records: [FlowRecord]) -> [FlowRecord] {
    var arrivals: [Path: [Int]] = [:]
    for (index, record) in records.enumerated() { arrivals[record.arriving, default: []].append(index) }
    var (next, taken) = ([Int: Int](), Set<Int>())
    func leads(_ from: Int, to index: Int) -> Bool {
      var place: Int? = from
      while let here = place, here != index { place = next[here] }
      return place == index
    }
    for (index, record) in records.enumerated() {
      // Two nodes that a flow from outside passes unchanged tell the same of it: each could follow the other.
      let partner = (arrivals[record.leaving] ?? [])
        .filter { !taken.contains($0) && records[$0].continues(record) && !leads($0, to: index) }
        .min { records[$0].distance(to: record) < records[$1].distance(to: record) }
      guard let partner else { continue }
      next[index] = partner
      taken.insert(partner)
    }
    let joined = records.indices.filter { !taken.contains($0) }.map { first in
      var (record, index) = (records[first], first)
      while let following = next[index] {
        record = record.joined(with: records[following])
        index = following
      }
      return record
    }
    return joined.sorted { ($0.time, $0.number) < ($1.time, $1.number) }
  }

  /// The two as one, whichever came first, where they are the halves of one event: both of a beginning or both of an end,
  /// or what one node let go and the other dropped.
  package static func pair(_ first: FlowRecord, _ second: FlowRecord) -> FlowRecord? {
    if first.status == second.status || second.status == .dropped, second.continues(first) {
      return first.joined(with: second)
    }
    if first.status == second.status || first.status == .dropped, first.continues(second) {
      return second.joined(with: first)
    }
    return nil
  }
}

extension FlowRecord {
  /// When what it says happened.
  package var time: Timestamp { status == .live ? since ?? until : until }

  var leaving: FlowJoin.Path {
    FlowJoin.Path(transport, maskedSource ?? source.endpoint, target.endpoint)
  }

  var arriving: FlowJoin.Path { FlowJoin.Path(transport, source.endpoint, requested ?? target.endpoint) }

  /// Whether this is the other node's half of a flow that `first` saw leave.
  func continues(_ first: FlowRecord) -> Bool {
    guard nodes != first.nodes, arriving == first.leaving, first.status != .dropped else { return false }
    // Both tell the same of a flow that nobody translated: the sender's comes first.
    guard let node = nodes.first, source.node != node else { return false }
    // Ports are used again: the halves of one flow are seen within seconds, but for clocks that differ.
    return distance(to: first) < .seconds(90)
  }

  /// The node that has the other half, where there is to be one: for whoever waits for it.
  package var otherNode: String? {
    guard let node = nodes.first, nodes.count == 1 else { return nil }
    return [source.node, target.node].compactMap { $0 }.first { $0 != node }
  }

  func distance(to other: FlowRecord) -> Duration {
    let distance = (since ?? until) - (other.since ?? other.until)
    return distance < .zero ? .zero - distance : distance
  }

  package func joined(with second: FlowRecord) -> FlowRecord {
    var record = self
    record.nodes += second.nodes
    record.target = second.target
    if record.requested == nil, second.requested != nil { record.requested = second.requested }
    record.service = service ?? second.service
    // The sender's node knows where it was sent.
    record.possibleServices = possibleServices
    record.egress = egress ?? second.egress
    record.ingress = second.ingress ?? ingress
    if second.status == .dropped {
      record.status = .dropped
      record.tcpState = nil
      record.droppedPackets = second.droppedPackets
      (record.sent, record.answered) = (nil, nil)
      record.until = second.until
    } else if second.status == .ended || status == .ended {
      record.status = .ended
      record.until = max(until, second.until)
    }
    record.isAnswered = isAnswered || second.isAnswered
    record.sent = record.status == .dropped ? nil : sent ?? second.sent
    record.answered = record.status == .dropped ? nil : answered ?? second.answered
    record.since = [since, second.since].compactMap { $0 }.min()
    return record
  }
}

extension FlowEnd {
  /// Port 0 stands for none.
  var endpoint: SocketEndpoint { SocketEndpoint(address, port ?? 0) }
}
