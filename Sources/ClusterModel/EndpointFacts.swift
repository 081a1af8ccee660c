package import KubernetesAPI

/// What an EndpointSlice says of an endpoint beside its address and conditions.
///
/// Most of it many endpoints have in common, and bare ones have none of it: they hold a reference to what is the same.
struct EndpointFacts: Hashable, Sendable {
  var nodeName: String?
  var zone: String?
  var zoneHints: Set<String> = []
  var nodeHints: Set<String> = []
  var hostname: String?
  var podNamespace: String?

  final class Shared: Hashable, Sendable {
    let facts: EndpointFacts

    init(_ facts: EndpointFacts) { self.facts = facts }

    static func == (left: Shared, right: Shared) -> Bool { left === right || left.facts == right.facts }
    func hash(into hasher: inout Hasher) { hasher.combine(facts) }
  }

  private static let none = EndpointFacts()
  private static let known = SharedValues<Shared>()

  /// `nil` where nothing is said.
  var shared: Shared? {
    if self == Self.none { return nil }
    // An endpoint that has a name has it alone.
    return hostname == nil ? Self.known.one(Shared(self)) : Shared(self)
  }
}

extension EndpointSliceModel.Endpoint {
  var facts: EndpointFacts {
    get { shared?.facts ?? EndpointFacts() }
    set { shared = newValue.shared }
  }

  package var nodeName: String? {
    get { shared?.facts.nodeName }
    set { facts.nodeName = newValue }
  }
  package var zone: String? {
    get { shared?.facts.zone }
    set { facts.zone = newValue }
  }
  /// Zones and nodes whose clients the endpoint is meant for; empty without such hints.
  package var zoneHints: Set<String> {
    get { shared?.facts.zoneHints ?? [] }
    set { facts.zoneHints = newValue }
  }
  package var nodeHints: Set<String> {
    get { shared?.facts.nodeHints ?? [] }
    set { facts.nodeHints = newValue }
  }
  package var hostname: String? {
    get { shared?.facts.hostname }
    set { facts.hostname = newValue }
  }
  /// The pod behind the address, where `targetRef` names one.
  package var pod: ObjectName? {
    get { podName.map { ObjectName(namespace: shared?.facts.podNamespace ?? "", name: $0) } }
    set {
      podName = newValue?.name
      facts.podNamespace = newValue?.namespace
    }
  }
}
