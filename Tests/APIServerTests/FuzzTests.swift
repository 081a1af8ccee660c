import Foundation
import HTTPTypes
import JSONTree
import KubernetesAPI
import SwitchboardTesting
import Testing

/// Bytes nobody foresaw, made from good ones by a seeded dice: the server answers each with a Status or an object, and
/// never with 500. `SWITCHBOARD_FUZZ=100000` runs so many of each kind.
@Suite struct FuzzTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let rounds = environment["SWITCHBOARD_FUZZ"].flatMap(Int.init) ?? 300
  private static let seed = environment["SWITCHBOARD_SEED"].flatMap(UInt64.init) ?? 1

  /// A change or several: bytes flipped, removed, repeated, exchanged for those that parsers care about, or cut off.
  private static func mutate(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
    let words = [
      "\"", "\\", "{", "}", "[", "]", ",", ":", "null", "-1", "1e999", "\\ud800", "\u{0}", "*a", "&a ", "$patch",
    ]
    var bytes = bytes
    for _ in 0...random.below(4) where !bytes.isEmpty {
      let place = random.below(bytes.count)
      let end = min(bytes.count, place + 1 + random.below(16))
      switch random.below(6) {
      case 0: bytes[place] ^= UInt8(1 << random.below(8))
      case 1: bytes.removeSubrange(place..<end)
      case 2: bytes.insert(contentsOf: bytes[place..<end], at: random.below(bytes.count))
      case 3: bytes.insert(contentsOf: Array(words[random.below(words.count)].utf8), at: place)
      case 4: bytes[place] = UInt8(random.below(256))
      default: bytes.removeLast(random.below(min(8, bytes.count)))
      }
    }
    return bytes
  }

  private func judge(_ answer: Answer, _ sent: [UInt8]) throws {
    let said = "\(answer.code) to \(String(decoding: sent, as: UTF8.self)): \(answer.text.prefix(300))"
    #expect(answer.code < 500, "\(said)")
    let object = try JSON.parse(answer.text)
    if answer.code >= 400 {
      #expect(object.kind == "Status" && object["code"]?.int == Int64(answer.code), "\(said)")
    }
  }

  private static let yaml = """
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: f, labels: &l {a: "b"}, annotations: *l}
    data:
      text: |
        one
      other: "two"
    """

  @Test(arguments: ["application/json", "application/yaml"]) func bodies(type: String) async throws {
    let space = try await TestServer.shared.namespace()
    var random = SeededRandom(seed: Self.seed)
    let corpus = TestObjects.every("f").map { ($0.kind, $0.object.encoded()) }
    for _ in 0..<Self.rounds {
      let (kind, json) = corpus[random.below(corpus.count)]
      let isYAML = type == "application/yaml" && random.below(2) == 0
      let body = Self.mutate(isYAML ? Array(Self.yaml.utf8) : json, &random)
      let path = space.path(isYAML ? .configMaps : kind) + "?dryRun=All"
      try judge(try await space.server.send(.post, path, body: body, headers: [.contentType: type]), body)
    }
  }

  @Test(arguments: TestServer.PatchFormat.allCases) func patches(format: TestServer.PatchFormat) async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.deployments, TestObjects.deployment("f")).object(201)
    let objects = [
      #"{"metadata":{"labels":{"a":"b","c":null},"finalizers":["x.example/y"]},"spec":{"replicas":3}}"#,
      #"{"spec":{"template":{"spec":{"containers":[{"name":"web","env":[{"name":"A","value":"1"}]},"#
        + #"{"$patch":"delete","name":"web"}],"$setElementOrder/containers":[{"name":"web"}]}}}}"#,
      #"{"spec":{"$patch":"replace","$retainKeys":["replicas"],"template":{"metadata":{"$deleteFromPrimitiveList/x":[1]}}}}"#,
    ]
    let lists = [
      #"[{"op":"add","path":"/metadata/labels","value":{"a":"b"}},{"op":"copy","from":"/spec","path":"/spec/x"}]"#,
      #"[{"op":"test","path":"/spec/replicas","value":2},{"op":"move","from":"/spec/template","path":"/spec/y"}]"#,
      #"[{"op":"remove","path":"/spec/template/spec/containers/0"},{"op":"replace","path":"","value":null}]"#,
    ]
    var random = SeededRandom(seed: Self.seed)
    let corpus = format == .json ? lists : objects
    for _ in 0..<Self.rounds {
      let body = Self.mutate(Array(corpus[random.below(corpus.count)].utf8), &random)
      let answer = try await space.server.send(
        .patch, space.path(.deployments, "f") + "?dryRun=All", body: body,
        headers: [.contentType: "application/\(format.rawValue)-patch+json"])
      try judge(answer, body)
    }
  }

  @Test func selectorsAndQueries() async throws {
    let space = try await TestServer.shared.namespace()
    let corpus = [
      "labelSelector=a+in+(b,c),d!=e,!f,g", "fieldSelector=metadata.name%3Da,metadata.namespace!%3Db",
      "limit=2&continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MX0", "resourceVersion=7&resourceVersionMatch=Exact",
      "labelSelector=a%20notin%20%28%29&pretty=true&timeoutSeconds=1",
    ]
    var random = SeededRandom(seed: Self.seed)
    for _ in 0..<Self.rounds {
      let query = Self.mutate(Array(corpus[random.below(corpus.count)].utf8), &random)
      let answer = try await space.server.get(space.path(.configMaps) + "?" + String(decoding: query, as: UTF8.self))
      try judge(answer, query)
    }
  }

  @Test func protobufBodies() throws {
    var random = SeededRandom(seed: Self.seed)
    // A ConfigMap in upstream's envelope: apiVersion, kind, then the object with its name and one datum.
    let object: [UInt8] = [10, 3, 10, 1, 97, 18, 6, 10, 1, 120, 18, 1, 121]
    let type: [UInt8] = [10, 2] + Array("v1".utf8) + [18, 9] + Array("ConfigMap".utf8)
    let good: [UInt8] =
      [0x6b, 0x38, 0x73, 0] + [10, UInt8(type.count)] + type + [18, UInt8(object.count)] + object + [26, 0, 34, 0]
    #expect(try ProtobufDecoder().object(good[...]).name == "a")
    for _ in 0..<(Self.rounds * 10) {
      // Refused or read, but it comes back.
      _ = try? ProtobufDecoder().object(Self.mutate(good, &random)[...])
    }
  }
}
