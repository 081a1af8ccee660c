import JSONTree
import Testing

@testable import KubernetesAPI

@Suite struct ProtobufEncoderTests {
  private let encoder = ProtobufEncoder()
  private let decoder = ProtobufDecoder()

  private func encoded(_ tree: JSON) throws -> [UInt8] { try #require(encoder.object(tree)) }

  /// Worked out by hand from the numbers in upstream's generated.proto.
  @Test func writesTheBytesOfAnObject() throws {
    let configMap: JSON = [
      "kind": "ConfigMap", "apiVersion": "v1",
      "metadata": ["name": "a", "creationTimestamp": "2001-09-09T01:46:40Z", "labels": ["z": "1", "b": ""]],
      "data": ["k": "v"],
    ]
    let time: [UInt8] = [0x42, 8, 0x08, 0x80, 0x94, 0xeb, 0xdc, 0x03, 0x10, 0]
    let labels: [UInt8] = [0x5a, 5, 0x0a, 1, 0x62, 0x12, 0, 0x5a, 6, 0x0a, 1, 0x7a, 0x12, 1, 0x31]
    let metadata: [UInt8] = [0x0a, 1, 0x61] + time + labels
    let data: [UInt8] = [0x12, 6, 0x0a, 1, 0x6b, 0x12, 1, 0x76]
    let body: [UInt8] = [0x0a, UInt8(metadata.count)] + metadata + data
    let types: [UInt8] = [0x0a, 15, 0x0a, 2] + Array("v1".utf8) + [0x12, 9] + Array("ConfigMap".utf8)
    let expected = Array("k8s\0".utf8) + types + [0x12, UInt8(body.count)] + body + [0x1a, 0, 0x22, 0]
    #expect(try encoded(configMap) == expected)
  }

  @Test func putsEmbeddedMessagesTogether() throws {
    let schema = try #require(SchemaRegistry.shared.message("io.k8s.api.core.v1.Volume"))
    let body = encoder.body(["emptyDir": [:], "name": "v"], schema)
    // name 1; VolumeSource 2 {emptyDir 2 {}}.
    #expect(body == [0x0a, 1, 0x76, 0x12, 2, 0x12, 0])
  }

  @Test(arguments: [
    (JSON.int(80), [0x22, 6, 0x08, 0, 0x10, 80, 0x1a, 0] as [UInt8]),
    (JSON.string("web"), [0x22, 9, 0x08, 1, 0x10, 0, 0x1a, 3, 0x77, 0x65, 0x62]),
  ])
  func writesWholeNumbersOrTexts(_ port: JSON, _ expected: [UInt8]) throws {
    let schema = try #require(SchemaRegistry.shared.message("io.k8s.api.core.v1.ServicePort"))
    #expect(encoder.body(["targetPort": port], schema) == expected)
  }

  @Test func writesNegativeNumbersInTenBytes() throws {
    let schema = try #require(SchemaRegistry.shared.message("io.k8s.api.core.v1.PodSpec"))
    let body = encoder.body(["priority": -1], schema)
    #expect(body == [0xc8, 0x01] + [UInt8](repeating: 0xff, count: 9) + [0x01])
  }

  @Test(arguments: Sent.all) func readsBackWhatGoClientsSend(_ sent: Sent) throws {
    let tree = try decoder.object(sent.body[...])
    #expect(try decoder.object(encoded(tree)[...]) == tree)
  }

  @Test(arguments: ResourceKind.served.map { [$0.apiVersion, $0.kind] })
  func readsBackEveryFieldOfEveryKind(_ names: [String]) throws {
    let schema = try #require(SchemaRegistry.shared.schema(apiVersion: names[0], kind: names[1]))
    var example = Self.example(of: schema, depth: 0)
    example["kind"] = .string(names[1])
    example["apiVersion"] = .string(names[0])
    let isSame = try decoder.object(encoded(example)[...]) == example
    #expect(isSame)
  }

  /// A field without a number is lost on the way to a client that asks for protobuf.
  @Test func fewFieldsHaveNoNumber() {
    var seen: Set<String> = []
    var missing: Set<String> = []
    var pending = ResourceKind.served.map(\.schemaName)
    while let name = pending.popLast() {
      guard seen.insert(name).inserted, let message = SchemaRegistry.shared.message(name) else { continue }
      for field in message.fields where field.number == 0 && !["apiVersion", "kind"].contains(field.name) {
        missing.insert("\(message.shortName).\(field.name)")
      }
      pending += message.fields.filter { $0.number > 0 }.compactMap(\.type.messageName)
    }
    // Alpha fields of gates that are off, so that no object holds them.
    #expect(missing == ["PodSpec.schedulingGroup", "PodStatus.nodeAllocatableResourceClaimStatuses"])
  }

  @Test func tablesHaveNoProtobufForm() {
    #expect(encoder.object(["kind": "Table", "apiVersion": "meta.k8s.io/v1"]) == nil)
    #expect(encoder.object(["kind": "Nothing", "apiVersion": "v1"]) == nil)
  }

  @Test func framesEventsBehindTheirLength() {
    let frame = ProtobufEnvelope.watchFrame("ADDED", object: [1, 2, 3])
    #expect(
      frame == [0, 0, 0, 14, 0x0a, 5] + Array("ADDED".utf8) + [0x12, 5, 0x0a, 3, 1, 2, 3])
  }

  /// An object that holds every field there is, as deep as types that hold themselves are followed.
  private static func example(of schema: MessageSchema, depth: Int) -> JSON {
    var object = JSONObject()
    for field in schema.fields where field.number > 0 {
      object[field.name] = value(field.type, depth: depth)
    }
    return .object(object)
  }

  private static func value(_ type: FieldType, depth: Int) -> JSON? {
    switch type {
    case .string: "text"
    case .int32: -7
    case .int64: 9_000_000_000
    case .bool: true
    case .double: 0.5
    case .bytes: "AAEC"
    case .quantity: "1500m"
    case .intOrString: "25%"
    case .time: "2026-01-02T03:04:05Z"
    case .microTime: "2026-01-02T03:04:05.000678Z"
    case .raw, .fields: ["f:x": [:]]
    case .strings: ["a", "b"]
    case .message(let name):
      depth > 8 ? nil : SchemaRegistry.shared.message(name).map { example(of: $0, depth: depth + 1) }
    case .list(let element): value(element, depth: depth).map { element.messageName == nil ? [$0, $0] : [$0] }
    case .map(let element):
      value(element, depth: depth).map { element.messageName == nil ? ["é": $0, "b": $0] : ["a": $0] }
    }
  }
}
