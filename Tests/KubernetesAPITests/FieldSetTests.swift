import JSONTree
import Testing

@testable import KubernetesAPI

/// Sets of fields, and what two states of an object differ in.
@Suite struct FieldSetTests {
  private func set(_ text: String) throws -> FieldSet {
    try #require(FieldSet(fieldsV1: try JSON.parse(text)))
  }

  @Test func readsAndWritesFieldsV1() throws {
    let text =
      #"{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"web\"}":{".":{},"f:image":{}}}}}"#
    let read = try set(text)
    #expect(read.fieldsV1.description == text)
    #expect(
      read.paths == [
        ".metadata.labels", ".metadata.labels.app", #".spec.containers[name="web"]"#,
        #".spec.containers[name="web"].image"#,
      ])
    #expect(FieldSet(fieldsV1: ["f:a": 1]) == nil)
  }

  @Test func algebra() throws {
    let one = try set(#"{"f:a":{".":{},"f:x":{},"f:y":{}},"f:b":{}}"#)
    let two = try set(#"{"f:a":{"f:y":{},"f:z":{}},"f:c":{}}"#)
    #expect(one.union(two) == (try set(#"{"f:a":{".":{},"f:x":{},"f:y":{},"f:z":{}},"f:b":{},"f:c":{}}"#)))
    #expect(one.intersection(two) == (try set(#"{"f:a":{"f:y":{}}}"#)))
    #expect(one.subtracting(two) == (try set(#"{"f:a":{".":{},"f:x":{}},"f:b":{}}"#)))
    #expect(one.subtracting(one).isEmpty)
    #expect(one.subtractingAll(below: try set(#"{"f:a":{}}"#)) == (try set(#"{"f:b":{}}"#)))
  }

  /// Random sets obey the laws of sets.
  @Test func lawsHold() {
    var generator = SystemRandomNumberGenerator()
    func random(_ depth: Int) -> FieldSet {
      let children = (0..<4).compactMap { index -> FieldSet.Child? in
        guard Bool.random(using: &generator) else { return nil }
        return FieldSet.Child(element: "f:\(index)", set: depth == 0 ? .leaf : random(depth - 1))
      }
      return .node(isMember: Bool.random(using: &generator), children)
    }
    for _ in 0..<300 {
      let (one, two) = (random(2), random(2))
      #expect(one.union(two) == two.union(one))
      #expect(one.intersection(two).union(one.subtracting(two)) == one)
      #expect(one.subtracting(two).intersection(two).isEmpty)
      #expect(one.union(two).subtracting(two) == one.subtracting(two))
    }
  }

  private let schema = SchemaRegistry.shared.schema(for: .deployments)

  @Test func comparesByTheSchema() throws {
    let old = try JSON.parse(
      #"{"spec":{"replicas":1,"selector":{"matchLabels":{"a":"b"}},"template":{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]}}}}"#
    )
    let new = try JSON.parse(
      #"{"metadata":{"labels":{"x":"y"}},"spec":{"replicas":2,"selector":{"matchLabels":{"a":"c"}},"template":{"spec":{"containers":[{"name":"c","image":"3"},{"name":"a","image":"2"}]}}}}"#
    )
    let change = FieldComparison(from: old, to: new, schema: try #require(schema))
    #expect(
      change.added.paths == [
        ".metadata.labels", ".metadata.labels.x", #".spec.template.spec.containers[name="c"]"#,
        #".spec.template.spec.containers[name="c"].image"#, #".spec.template.spec.containers[name="c"].name"#,
      ])
    // A selector is replaced as a whole; the order of containers is nobody's.
    #expect(
      change.modified.paths == [
        ".spec.replicas", ".spec.selector", #".spec.template.spec.containers[name="a"].image"#,
      ])
    #expect(
      change.removed.paths == [
        #".spec.template.spec.containers[name="b"]"#, #".spec.template.spec.containers[name="b"].image"#,
        #".spec.template.spec.containers[name="b"].name"#,
      ])
  }

  @Test func portsAreKnownByNumberAndProtocol() throws {
    let configuration = try AppliedConfiguration(
      ["spec": ["template": ["spec": ["containers": [["name": "a", "ports": [["containerPort": 80]]]]]]]],
      schema: try #require(schema))
    #expect(
      configuration.fields.fieldsV1.description.contains(#"k:{\"containerPort\":80,\"protocol\":\"TCP\"}"#))
    let live = try JSON.parse(
      #"{"spec":{"template":{"spec":{"containers":[{"name":"z"},{"name":"a","image":"i","ports":[{"containerPort":80,"protocol":"TCP"}]}]}}}}"#
    )
    let merged = configuration.merged(into: live)
    #expect(merged == live)
  }

  @Test func aListKeepsBothOrders() throws {
    func names(_ list: [String]) -> JSON {
      ["spec": ["template": ["spec": ["containers": .array(list.map { ["name": .string($0)] })]]]]
    }
    func merged(_ wanted: [String], into live: [String]) throws -> [String] {
      let result = try AppliedConfiguration(names(wanted), schema: try #require(schema)).merged(into: names(live))
      return (result[path: "spec", "template", "spec", "containers"]?.items ?? []).compactMap { $0["name"]?.string }
    }
    #expect(try merged(["a", "b"], into: ["x", "a", "y", "b", "z"]) == ["x", "a", "y", "b", "z"])
    #expect(try merged(["b", "a"], into: ["a", "x", "b"]) == ["x", "b", "a"])
    #expect(try merged(["n"], into: ["a"]) == ["n", "a"])
  }

  @Test func twoOfOneKeyAreRefused() throws {
    #expect {
      try AppliedConfiguration(
        ["spec": ["template": ["spec": ["containers": [["name": "a"], ["name": "a"]]]]]],
        schema: try #require(schema))
    } throws: {
      ($0 as? AppliedConfiguration.Fault)?.message
        == #".spec.template.spec.containers: duplicate entries for key [name="a"]"#
    }
  }

  /// The eleventh manager that updates makes room: the oldest two become one.
  @Test func oldUpdatesAreMerged() throws {
    var managed = ManagedFields()
    var object: JSON = ["data": [:]]
    let schema = try #require(SchemaRegistry.shared.schema(for: .configMaps))
    for number in 1...12 {
      let old = object
      object[path: "data", "key\(number)"] = "value"
      managed.record(
        FieldComparison(from: old, to: object, schema: schema),
        by: .init(name: "manager\(number)", operation: .update, apiVersion: "v1"), ignoring: FieldSet(),
        now: "2026-01-01T00:00:\(number < 10 ? "0" : "")\(number)Z")
    }
    #expect(managed.entries.count == 10)
    let ancient = try #require(managed.entries.first { $0.manager.name == "ancient-changes" })
    #expect(ancient.fields.paths == [".data.key1", ".data.key2", ".data.key3"])
  }
}
