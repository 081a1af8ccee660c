internal import ClusterModel
internal import Conntrack
internal import KubernetesAPI
internal import NetworkTypes
internal import PacketLog
internal import PolicyPlan

/// Puts names to what the kernel tells, and asks the judge for verdicts.
extension FlowNames {
  func record(_ entry: ConntrackEntry, seenAt: Int64, since: Int64?) -> FlowRecord {
    let flow = entry.flow
    var record = record(flow, .live, seenAt: seenAt)
    record.since = since.map { Timestamp(nanoseconds: $0) }
    let judged = policyFlow(flow)
    record.egress = egress(judged)
    record.ingress = ingress(judged)
    record.update(entry)
    return record
  }

  /// - Parameter direction: whose policies the kernel's rules carried out.
  func record(_ packet: LoggedPacket, _ direction: PolicyDirection) -> FlowRecord {
    let headers = packet.headers
    var record: FlowRecord
    switch headers.content {
    case .ports(let transport, let source, let target):
      let (from, to) = (SocketEndpoint(headers.source, source), SocketEndpoint(headers.destination, target))
      let flow = packet.flow.map {
        // Rules of policies look at the packet as it is after translation of its destination.
        ConntrackFlow(transport, from: $0.source, to: $0.destination, answerSource: to, answerDestination: from)
      }
      record = self.record(
        flow ?? ConntrackFlow(transport, from: from, to: to, answerSource: to, answerDestination: from), .dropped,
        seenAt: packet.seenAt)
      if packet.flow == nil { record.possibleServices = services(leadingTo: to, transport) }
      let judged = PolicyFlow(
        from: judge.party(headers.source), to: judge.party(headers.destination), transport, target)
      // What goes out is judged first: where the receiver's policies dropped it, the sender's let it pass.
      let words = FlowJudgement(PolicyWords(judge, judged).drop(direction))
      record.egress = direction == .egress ? words : egress(judged)
      if direction == .ingress { record.ingress = words }
    case .control, .other:
      record = FlowRecord(
        node: nodeName, status: .dropped, transport: headers.content.name, from: end(headers.source, nil),
        to: end(headers.destination, nil), until: Timestamp(nanoseconds: packet.seenAt))
      let pod = snapshot.pod(at: direction == .egress ? headers.source : headers.destination)
      let words = FlowJudgement(PolicyWords.portlessDrop(direction, of: pod, judge))
      if direction == .egress { record.egress = words } else { record.ingress = words }
    }
    record.since = Timestamp(nanoseconds: packet.seenAt)
    record.droppedPackets = 1
    return record
  }

  private func record(_ flow: ConntrackFlow, _ status: FlowRecord.Status, seenAt: Int64) -> FlowRecord {
    var record = FlowRecord(
      node: nodeName, status: status, transport: flow.transport.rawValue,
      from: end(flow.source.address, flow.source.port), to: end(flow.answerSource.address, flow.answerSource.port),
      until: Timestamp(nanoseconds: seenAt))
    if flow.destination != flow.answerSource { record.requested = flow.destination }
    record.service = service(at: flow.destination, flow.transport)
    if flow.answerDestination != flow.source { record.maskedSource = flow.answerDestination }
    return record
  }

  private func policyFlow(_ flow: ConntrackFlow) -> PolicyFlow {
    PolicyFlow(
      from: judge.party(flow.source.address), to: judge.party(flow.answerSource.address), flow.transport,
      flow.answerSource.port)
  }

  /// `nil` where another node decides, or nobody.
  private func egress(_ flow: PolicyFlow) -> FlowJudgement? {
    guard let pod = flow.source.pod, pod.nodeName == nodeName else { return nil }
    return judgement(.egress, judge.egress(flow), of: flow)
  }

  private func ingress(_ flow: PolicyFlow) -> FlowJudgement? {
    guard let pod = flow.destination.pod, pod.nodeName == nodeName else { return nil }
    let sender = end(flow.source.address, nil)
    return judgement(
      .ingress, judge.ingress(flow, fromNode: sender.pod == nil ? sender.node : nil), of: flow)
  }

  private func judgement(
    _ direction: PolicyDirection, _ verdict: PolicyVerdict, of flow: PolicyFlow
  ) -> FlowJudgement {
    let make = { FlowJudgement(PolicyWords(judge, flow).statement(direction, verdict)) }
    // What is missing differs from flow to flow.
    return verdict.isAllowed ? judgements.one(direction, verdict, make) : make()
  }
}

extension FlowJudgement {
  fileprivate init(_ statement: PolicyStatement) {
    self.init(isAllowed: statement.isAllowed, text: statement.text, object: statement.object, field: statement.field)
  }
}

extension FlowRecord {
  /// What the kernel knows of it by now.
  mutating func update(_ entry: ConntrackEntry) {
    tcpState = entry.tcpState?.description ?? tcpState
    isAnswered = entry.isAnswered || isAnswered
    sent = entry.sent ?? sent
    answered = entry.answered ?? answered
  }
}

extension PacketHeaders.Content {
  fileprivate var name: String {
    switch self {
    case .ports(let transport, _, _): transport.rawValue
    case .control: "ICMP"
    case .other(let number):
      TransportProtocol.allCases.first { $0.number == number }?.rawValue ?? "\(number)"
    }
  }
}
