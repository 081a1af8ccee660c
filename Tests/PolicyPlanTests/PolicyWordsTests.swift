import ClusterModel
import JSONTree
import KubernetesAPI
import NetworkTypes
import Testing

@testable import PolicyPlan

@Suite struct PolicyWordsTests {
  private static let web = IPAddress(v4: 10, 244, 1, 2)
  private static let client = IPAddress(v4: 10, 244, 1, 3)

  /// `shop/web` and `shop/client`, with policies by name.
  private static func judge(_ policies: (String, JSON)...) throws -> PolicyJudge {
    var snapshot = ClusterSnapshot()
    for (name, address) in [("web", web), ("client", client)] {
      var pod = PodModel(name: ObjectName(namespace: "shop", name: name))
      (pod.uid, pod.addresses, pod.labels) = (name, [address], ["app": name])
      _ = snapshot.apply(.pod(pod))
    }
    for (name, spec) in policies {
      let object: JSON = ["metadata": ["name": .string(name), "namespace": "shop"], "spec": spec]
      _ = snapshot.apply(try #require(ClusterEvent(kind: .networkPolicies, object: object, isRemoved: false)))
    }
    return PolicyJudge(snapshot, nameServerAddresses: [])
  }

  private static func words(_ judge: PolicyJudge, to target: IPAddress = web) -> PolicyWords {
    PolicyWords(judge, PolicyFlow(from: judge.party(client), to: judge.party(target), .tcp, 8080))
  }

  @Test func aDropIsExplainedByThePoliciesThereAre() throws {
    let judge = try Self.judge(("b", ["podSelector": [:]]), ("a", ["podSelector": ["matchLabels": ["app": "web"]]]))
    let drop = Self.words(judge).drop(.ingress)
    #expect(!drop.isAllowed && drop.object == "NetworkPolicy shop/a" && drop.field == "spec.ingress")
    #expect(drop.text.hasPrefix("shop/a, shop/b isolate shop/web and no rule allows from: {namespaceSelector:"))
    #expect(drop.text.hasSuffix(" at port 8080/TCP"))
    let portless = PolicyWords.portlessDrop(.ingress, of: judge.party(Self.web).pod, judge)
    #expect(portless.text == "shop/a, shop/b isolate shop/web and no rule for all ports allows it")
    #expect(!portless.isAllowed && portless.object == "NetworkPolicy shop/a" && portless.field == "spec.ingress")
    let one = PolicyWords.portlessDrop(.ingress, of: judge.party(Self.client).pod, judge)
    #expect(one.text == "shop/b isolates shop/client and no rule for all ports allows it")
  }

  /// The kernel's word counts.
  @Test func aDropThatNoPolicyExplainsIsNotTakenForAllowed() throws {
    let judge = try Self.judge()
    let former = "the rules in force then dropped it; policies as they are now let it pass"
    #expect(Self.words(judge).drop(.egress).text == former && !Self.words(judge).drop(.egress).isAllowed)
    #expect(PolicyWords.portlessDrop(.ingress, of: judge.party(Self.web).pod, judge).text == former)
    let stranger = IPAddress(v4: 10, 244, 1, 99)
    for words in [
      Self.words(judge, to: stranger).drop(.ingress), PolicyWords.portlessDrop(.ingress, of: nil, judge),
    ] {
      #expect(words.text == "a pod that the API has not told of yet is denied everything" && !words.isAllowed)
      #expect(words.object == nil && words.field == nil)
    }
  }

  @Test func whatIsTriedOutIsSaidBesideWhatIsAllowed() throws {
    var object: JSON = ["metadata": ["name": "try", "namespace": "shop"], "spec": ["podSelector": [:]]]
    object["metadata"]?["annotations"] = ["switchboard.dev/audit": "true"]
    var snapshot = try Self.judge().snapshot
    _ = snapshot.apply(try #require(ClusterEvent(kind: .networkPolicies, object: object, isRemoved: false)))
    let judge = PolicyJudge(snapshot, nameServerAddresses: [])
    let words = Self.words(judge)
    let verdict = judge.ingress(PolicyFlow(from: judge.party(Self.client), to: judge.party(Self.web), .tcp, 8080))
    #expect(words.auditedDenial(.ingress, verdict) == "tried out only, shop/try would deny it")
    #expect(words.auditedDenial(.egress, .itself) == nil)
    #expect(Self.words(try Self.judge()).auditedDenial(.ingress, verdict) == nil)
  }
}
