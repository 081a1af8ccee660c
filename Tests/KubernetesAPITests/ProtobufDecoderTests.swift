import JSONTree
import Testing

@testable import KubernetesAPI

/// What kubectl 1.32 sends for `kubectl create …`, beside what it prints with `--dry-run=client -o json`, without nulls
/// and empty objects.
struct Sent: CustomTestStringConvertible {
  let name: String
  let body: [UInt8]
  let object: String

  init(_ name: String, _ body: String, _ object: String) {
    self.name = name
    self.body = Base64.decode(body) ?? []
    self.object = object
  }

  var testDescription: String { name }

  static let all = [
    Sent(
      "namespace",
      """
      azhzAAoPCgJ2MRIJTmFtZXNwYWNlEhwKFAoEc2hvcBIAGgAiACoAMgA4AEIAEgAaAgoAGgAiAA==
      """,
      #"""
      {"kind":"Namespace","apiVersion":"v1","metadata":{"name":"shop"}}
      """#),
    Sent(
      "configmap",
      """
      azhzAAoPCgJ2MRIJQ29uZmlnTWFwEisKGwoHY29sb3VycxIAGgRzaG9wIgAqADIAOABCABIMCgVmaXJzdBIDcmVkGgAiAA==
      """,
      #"""
      {"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"colours","namespace":"shop"},"data":{"\#
      first":"red"}}
      """#),
    Sent(
      "secret",
      """
      azhzAAoMCgJ2MRIGU2VjcmV0EiMKFwoDa2V5EgAaBHNob3AiACoAMgA4AEIAEgYKAWESAWIaABoAIgA=
      """,
      #"""
      {"kind":"Secret","apiVersion":"v1","metadata":{"name":"key","namespace":"shop"},"data":{"a":"Yg=\#
      ="}}
      """#),
    Sent(
      "sa",
      """
      azhzAAoUCgJ2MRIOU2VydmljZUFjY291bnQSGwoZCgVyb2JvdBIAGgRzaG9wIgAqADIAOABCABoAIgA=
      """,
      #"""
      {"kind":"ServiceAccount","apiVersion":"v1","metadata":{"name":"robot","namespace":"shop"}}
      """#),
    Sent(
      "ingress",
      """
      azhzAAofChRuZXR3b3JraW5nLms4cy5pby92MRIHSW5ncmVzcxJYChkKBWZyb250EgAaBHNob3AiACoAMgA4AEIAEjcaLgoM\
      c2hvcC5leGFtcGxlEh4KHAoaCgEvEg0iCwoDd2ViEgQKABBQGgZQcmVmaXgiBXBsYWluGgIKABoAIgA=
      """,
      #"""
      {"kind":"Ingress","apiVersion":"networking.k8s.io/v1","metadata":{"name":"front","namespace":"shop"},\#
      "spec":{"ingressClassName":"plain","rules":[{"host":"shop.example","http":{"paths":[{"path":"/",\#
      "pathType":"Prefix","backend":{"service":{"name":"web","port":{"number":80}}}}]}}]}}
      """#),
    Sent(
      "deployment",
      """
      azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50Er4BCiMKA3dlYhIAGgRzaG9wIgAqADIAOABCAFoKCgNhcHASA3dlYhKIAQgA\
      EgwKCgoDYXBwEgN3ZWIabgocCgASABoAIgAqADIAOABCAFoKCgNhcHASA3dlYhJOEjAKBW5naW54EgduZ2lueDoxKgAyCgoA\
      EAAYUCIAKgBCAGoAcgCAAQCIAQCQAQCiAQAaADIAQgBKAFIAWABgAGgAggEAigEAmgEAwgEAIgIKACgAOAAaDAgAEAAYACAA\
      KAA4ABoAIgA=
      """,
      #"""
      {"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"web","namespace":"shop","labels"\#
      :{"app":"web"}},"spec":{"replicas":0,"selector":{"matchLabels":{"app":"web"}},"template":{"metad\#
      ata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"nginx","image":"nginx:1","ports":[{\#
      "containerPort":80}]}]}}}}
      """#),
    Sent(
      "service",
      """
      azhzAAoNCgJ2MRIHU2VydmljZRJtCiMKA3dlYhIAGgRzaG9wIgAqADIAOABCAFoKCgNhcHASA3dlYhJCChsKBzgwLTgwODAS\
      A1RDUBhQIgcIABCQPxoAKAASCgoDYXBwEgN3ZWIaACIJQ2x1c3RlcklQOgBCAFIAWgBgAGgAGgIKABoAIgA=
      """,
      #"""
      {"kind":"Service","apiVersion":"v1","metadata":{"name":"web","namespace":"shop","labels":{"app":\#
      "web"}},"spec":{"ports":[{"name":"80-8080","protocol":"TCP","port":80,"targetPort":8080}],"selec\#
      tor":{"app":"web"},"type":"ClusterIP"}}
      """#),
    Sent(
      "token",
      """
      azhzAAooChhhdXRoZW50aWNhdGlvbi5rOHMuaW8vdjESDFRva2VuUmVxdWVzdBIdChAKABIAGgAiACoAMgA4AEIAEgMg2AQa\
      BAoAEgAaACIA
      """,
      #"""
      {"kind":"TokenRequest","apiVersion":"authentication.k8s.io/v1","spec":{"expirationSeconds":600}}
      """#),
  ]
}

@Suite struct ProtobufDecoderTests {
  /// Zeros that somebody set, of fields that are pointers in Go, are not what is left out.
  @Test(arguments: [
    #"{"kind":"CSIDriver","apiVersion":"storage.k8s.io/v1","spec":{"attachRequired":false,"podInfoOnMount":false}}"#,
    #"""
    {"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v2",
     "spec":{"behavior":{"scaleDown":{"stabilizationWindowSeconds":0}}}}
    """#,
    #"""
    {"kind":"PriorityLevelConfiguration","apiVersion":"flowcontrol.apiserver.k8s.io/v1",
     "spec":{"limited":{"nominalConcurrencyShares":0,"lendablePercent":0,"borrowingLimitPercent":0}}}
    """#,
  ])
  func zerosOfPointersStay(text: String) throws {
    let object = try JSON.parse(text)
    let bytes = try #require(ProtobufEncoder().object(object))
    let decoded = try ProtobufDecoder().object(bytes[...])
    for part in ["attachRequired", "podInfoOnMount", "behavior", "limited"] {
      #expect(decoded.spec[part] == object.spec[part], "\(part)")
    }
  }

  private func object(_ bytes: [UInt8]) throws -> JSON { try ProtobufDecoder().object(bytes[...]) }

  private func pruned(_ tree: JSON) -> JSON {
    switch tree {
    case .array(let items): return .array(items.map(pruned))
    case .object(let object):
      var kept = JSONObject()
      for member in object.members {
        let value = pruned(member.value)
        if !value.isNull, value != [:] { kept.members.append(.init(key: member.key, value: value)) }
      }
      return .object(kept)
    default: return tree
    }
  }

  @Test(arguments: Sent.all) func readsWhatClientsSend(_ sent: Sent) throws {
    let (read, expected) = (pruned(try object(sent.body)), try JSON.parse(Array(sent.object.utf8)))
    #expect(read == expected)
  }

  /// Deployment.spec.replicas is a pointer: somebody said 0. Service.spec.sessionAffinity is none: nobody said "".
  @Test func aZeroCountsWhereSomebodySetIt() throws {
    let deployment = try object(try #require(Sent.all.first { $0.name == "deployment" }).body)
    #expect(deployment.spec["replicas"] == 0)
    #expect(deployment.spec["paused"] == nil)
    #expect(deployment.spec["minReadySeconds"] == nil)
    let service = try object(try #require(Sent.all.first { $0.name == "service" }).body)
    #expect(service.spec["sessionAffinity"] == nil)
    #expect(service.spec["ports"]?.items.first?["nodePort"] == nil)
  }

  @Test func whatIsNoProtobufIsRefused() {
    for (bytes, message) in [
      (Array("{}".utf8), "provided data does not appear to be a protobuf message"),
      ([0x6b, 0x38, 0x73, 0, 0x0a, 0x7f], "unexpected EOF"),
      ([0x6b, 0x38, 0x73, 0, 0x0a, 0x02, 0x0a, 0x00], "no kind \"\" is registered for version \"\""),
      ([0x6b, 0x38, 0x73, 0, 0x0f], "illegal wireType 7"),
    ] {
      let error = #expect(throws: ObjectDecodingError.self) { try object(bytes) }
      #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }
  }

  /// No bytes whatever may do more than be refused.
  @Test func brokenBytesAreSurvived() {
    var random = SystemRandomNumberGenerator()
    for sent in Sent.all {
      for _ in 0..<300 {
        var bytes = sent.body
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          let place = Int.random(in: 4..<bytes.count, using: &random)
          switch Int.random(in: 0..<3, using: &random) {
          case 0: bytes[place] = .random(in: .min ... .max, using: &random)
          case 1: bytes.removeSubrange(place...)
          default: bytes.insert(.random(in: .min ... .max, using: &random), at: place)
          }
          if bytes.count < 8 { bytes = sent.body }
        }
        _ = try? object(bytes)
      }
    }
  }

  /// As many elements as a body may hold cost what they are worth, not their square; of a key sent twice the last counts.
  @Test(.timeLimit(.minutes(5))) func manyElementsCostNoMoreThanTheyAreWorth() throws {
    func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] { [number << 3 | 2] + length(content.count) + content }
    let count = 20_000
    let names = (0..<count).map { Array("e\($0)".utf8) }
    // ObjectMeta: finalizers 14; ConfigMap: metadata 1, data 2 {key 1, value 2}.
    let finalizers = names.flatMap { field(14, $0) }
    let entries = (names + [names[0]]).enumerated().flatMap { index, name in
      field(2, field(1, name) + field(2, Array("\(index)".utf8)))
    }
    let type = field(1, Array("v1".utf8)) + field(2, Array("ConfigMap".utf8))
    let map = try object([0x6b, 0x38, 0x73, 0] + field(1, type) + field(2, field(1, finalizers) + entries))
    #expect(map.finalizers.count == count && map.finalizers.last == "e\(count - 1)")
    #expect(map["data"]?.object?.count == count)
    #expect(map["data"]?["e0"]?.string == "\(count)")
    #expect(map["data"]?["e1"] == "1")
  }

  /// A length as protobuf writes it.
  private func length(_ count: Int) -> [UInt8] {
    var (rest, bytes) = (count, [UInt8]())
    while rest > 0x7f {
      bytes.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
