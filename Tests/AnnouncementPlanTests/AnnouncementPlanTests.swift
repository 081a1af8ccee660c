import ClusterModel
import KubernetesAPI
import NetworkTypes
import Testing

@testable import AnnouncementPlan

@Suite struct ElectionTests {
  private let nodes = (1...5).map { "node-\($0)" }
  private let addresses = (0..<250).map { IPAddress(v4: 192, 0, 2, UInt8($0)) }

  @Test func addressesSpreadOverTheNodes() {
    let shares = Dictionary(grouping: addresses) { Election.winner(of: $0, among: nodes)! }.mapValues(\.count)
    #expect(shares.count == 5)
    // Four standard deviations (6.3 each) around 50.
    #expect(shares.values.allSatisfy { (25...75).contains($0) }, "\(shares)")
  }

  @Test func theOrderOfTheNodesDoesNotMatter() {
    for address in addresses {
      #expect(Election.winner(of: address, among: nodes) == Election.winner(of: address, among: nodes.reversed()))
    }
    #expect(Election.winner(of: addresses[0], among: []) == nil)
  }

  @Test func aNodeThatGoesTakesAlongItsOwnOnly() {
    let left = nodes.filter { $0 != "node-3" }
    for address in addresses {
      let before = Election.winner(of: address, among: nodes)
      let after = Election.winner(of: address, among: left)
      #expect(before == "node-3" ? after != "node-3" : after == before)
    }
  }
}

@Suite struct AnnouncementPlanTests {
  private let address = IPAddress("192.0.2.7")!
  private let link = CIDR("192.0.2.0/24")!

  private func node(_ name: String, _ edit: (inout NodeModel) -> Void = { _ in }) -> ClusterEvent {
    var node = NodeModel(name: name)
    node.isReady = true
    node.addresses = [IPAddress("192.0.2.1")!]
    edit(&node)
    return .node(node)
  }

  private func service(_ edit: (inout ServiceModel) -> Void = { _ in }) -> ClusterEvent {
    var service = ServiceModel(name: ObjectName(namespace: "default", name: "web"))
    service.kind = .loadBalancer
    service.loadBalancerIPs = [address]
    edit(&service)
    return .service(service)
  }

  private func slice(_ endpoints: [(node: String, ready: Bool, serving: Bool)]) -> ClusterEvent {
    var slice = EndpointSliceModel(name: ObjectName(namespace: "default", name: "web-1"))
    slice.service = ObjectName(namespace: "default", name: "web")
    slice.endpoints = endpoints.enumerated().map { index, item in
      var endpoint = EndpointSliceModel.Endpoint(address: IPAddress(v4: 10, 244, 1, UInt8(index)))
      endpoint.nodeName = item.node
      endpoint.isReady = item.ready
      endpoint.isServing = item.serving
      endpoint.isTerminating = !item.ready && item.serving
      return endpoint
    }
    return .endpointSlice(slice)
  }

  /// The plan after these events, and those of a second update.
  private func plan(_ events: [ClusterEvent], then more: [ClusterEvent] = []) -> AnnouncementPlan {
    var snapshot = ClusterSnapshot()
    var plan = AnnouncementPlan()
    for (isFirst, events) in [(true, events), (false, more)] where isFirst || !events.isEmpty {
      var change = ClusterChange()
      for event in events { change.merge(snapshot.apply(event)) }
      plan.update(ClusterUpdate(snapshot: snapshot, change: change, isFirst: isFirst))
    }
    return plan
  }

  private func owner(_ plan: AnnouncementPlan, live: [String] = ["a", "b", "c"]) -> String? {
    plan.owner(of: address, live: Dictionary(uniqueKeysWithValues: live.map { ($0, [link]) }))
  }

  private var nodes: [ClusterEvent] { [node("a"), node("b"), node("c")] }

  @Test func oneOfTheLiveNodesIsChosenByAll() {
    let plan = plan(nodes + [service()])
    let first = owner(plan)
    #expect(first != nil)
    #expect(plan.addresses(of: first!, live: ["a": [link], "b": [link], "c": [link]]) == [address])
    let rest: [String] = ["a", "b", "c"].filter { $0 != first }
    #expect(rest.contains(owner(plan, live: rest) ?? ""))
    #expect(owner(plan, live: []) == nil)
  }

  @Test func nodesThatMayNotAnnounceAreNotChosen() {
    let excluded = plan(
      [node("a") { $0.isReady = false }, node("b") { $0.isExcludedFromBalancing = true }, node("c"), service()])
    #expect(owner(excluded) == "c")
    // A node that is not in the API is none.
    #expect(owner(excluded, live: ["z"]) == nil)
    #expect(owner(plan(nodes + [service()], then: [.nodeRemoved("a"), .nodeRemoved("b")])) == "c")
  }

  @Test func theAddressHasToBeOnTheNodesLink() {
    let plan = plan(nodes + [service()])
    let other = CIDR("198.51.100.0/24")!
    #expect(plan.owner(of: address, live: ["a": [other], "b": [other, link], "c": []]) == "b")
  }

  @Test func localTrafficWantsALocalEndpoint() {
    let local = service { $0.externalTrafficIsLocal = true }
    #expect(owner(plan(nodes + [local])) == nil)
    #expect(owner(plan(nodes + [local, slice([("b", true, true)])])) == "b")
    // Ready ones come before those that are ending.
    #expect(owner(plan(nodes + [local, slice([("a", false, true), ("c", true, true)])])) == "c")
    #expect(owner(plan(nodes + [local, slice([("a", false, true), ("c", false, false)])])) == "a")
    // It moves with its endpoints.
    #expect(owner(plan(nodes + [local, slice([("b", true, true)])], then: [slice([("a", true, true)])])) == "a")
  }

  @Test func othersAreLeftAlone() {
    #expect(plan(nodes + [service { $0.kind = .nodePort }]).isEmpty)
    #expect(plan(nodes + [service { $0.loadBalancerClass = "example.com/other" }]).isEmpty)
    let gone = plan(
      nodes + [service()], then: [.serviceRemoved(ObjectName(namespace: "default", name: "web"))])
    #expect(gone.isEmpty && owner(gone) == nil)
  }
}

@Suite struct MembershipTests {
  private let start = ContinuousClock.now
  private let interval = Duration.milliseconds(150)

  @Test func whoFallsSilentIsGoneAfterFourIntervals() {
    var membership = Membership()
    let isNew = membership.heard("a", isCandidate: true, links: [], interval: interval, at: start)
    let isNews = membership.heard("a", isCandidate: true, links: [], interval: interval, at: start + interval)
    #expect(isNew && !isNews)
    #expect(membership.nextDeadline == start + interval * 5)
    let early = membership.expire(at: start + interval * 5 - .milliseconds(1))
    #expect(early.isEmpty && membership.candidates.keys.sorted() == ["a"])
    let late = membership.expire(at: start + interval * 5)
    #expect(late == ["a"])
    #expect(membership.candidates.isEmpty && membership.nextDeadline == nil)
  }

  @Test func whoIsNotReadyYetIsHeardButNoCandidate() {
    var membership = Membership()
    let link = CIDR("192.0.2.0/24")!
    func hear(_ isCandidate: Bool, _ links: [CIDR]) -> Bool {
      membership.heard("a", isCandidate: isCandidate, links: links, interval: interval, at: start)
    }
    let first = hear(false, [link])
    #expect(first && membership.candidates.isEmpty)
    let ready = hear(true, [link])
    #expect(ready && membership.candidates == ["a": [link]])
    let unplugged = hear(true, [])
    #expect(unplugged)
    let unknown = membership.expire(at: start) { _ in false }
    #expect(unknown == ["a"])
  }
}
