import JSONTree
import KubernetesAPI
import Testing

@Suite struct FieldSetTests {
  private func set(_ text: String) throws -> FieldSet { try #require(FieldSet(json: JSON.parse(text))) }

  @Test(arguments: [
    #"{}"#,
    #"{"f:spec":{"f:replicas":{}}}"#,
    #"{"f:metadata":{"f:labels":{".":{},"f:app":{}}}}"#,
    #"{"f:ports":{".":{},"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}"#,
    #"{"f:finalizers":{".":{},"v:\"a/b\"":{}},"f:list":{"i:0":{},"i:10":{}}}"#,
  ]) func aSetReadsAndWritesItsText(_ text: String) throws {
    #expect(try set(text).json.description == text)
  }

  @Test func elementsAreInUpstreamsOrder() throws {
    let unordered = try set(
      #"{"f:b":{},"f:a":{},"f:l":{"i:2":{},"v:\"x\"":{},"v:3":{},"k:{\"p\":443}":{},"k:{\"p\":80}":{},"f:z":{},".":{}}}"#
    )
    #expect(
      unordered.json.description
        == #"{"f:a":{},"f:b":{},"f:l":{".":{},"f:z":{},"k:{\"p\":80}":{},"k:{\"p\":443}":{},"v:3":{},"v:\"x\"":{},"i:2":{}}}"#
    )
  }

  @Test(arguments: [#"{"x:a":{}}"#, #"{"k:[1]":{}}"#, #"{"f:a":1}"#, #"{".":{}}"#, #"[]"#, #"{"i:x":{}}"#])
  func whatIsNoSetIsRefused(_ text: String) throws { #expect(FieldSet(json: try JSON.parse(text)) == nil) }

  @Test func theAlgebraKeepsParentsAndChildrenApart() throws {
    let both = try set(#"{"f:a":{".":{},"f:b":{}},"f:c":{}}"#)
    let parent = try set(#"{"f:a":{}}"#)
    #expect(both.subtracting(parent).json.description == #"{"f:a":{"f:b":{}},"f:c":{}}"#)
    #expect(both.subtractingTrees(parent).json.description == #"{"f:c":{}}"#)
    #expect(both.intersection(parent).json.description == #"{"f:a":{}}"#)
    #expect(
      parent.union(try set(#"{"f:a":{"f:x":{}},"f:0":{}}"#)).json.description == #"{"f:0":{},"f:a":{".":{},"f:x":{}}}"#)
    #expect(both.subtracting(both).isEmpty)
  }

  /// Random sets obey the laws of sets.
  @Test func lawsHold() throws {
    var generator = SystemRandomNumberGenerator()
    func random(_ depth: Int) -> JSON {
      var object = JSONObject()
      for index in 0..<4 where Bool.random(using: &generator) {
        object["f:\(index)"] = depth == 0 ? [:] : random(depth - 1)
      }
      if !object.isEmpty, Bool.random(using: &generator) { object["."] = [:] }
      return .object(object)
    }
    for _ in 0..<300 {
      let one = try #require(FieldSet(json: ["f:x": random(2)]))
      let two = try #require(FieldSet(json: ["f:x": random(2)]))
      #expect(one.union(two) == two.union(one))
      #expect(one.intersection(two).union(one.subtracting(two)) == one)
      #expect(one.subtracting(two).intersection(two).isEmpty)
      #expect(one.union(two).subtracting(two) == one.subtracting(two))
      #expect(FieldSet(json: one.json) == one)
    }
  }

  @Test func laterWritesAgreeWithTheirParts() throws {
    // A union minus one part and cut with it holds nothing; minus the other part it is within the first.
    let left = try set(#"{"f:m":{"f:a":{},"k:{\"n\":\"x\"}":{".":{},"f:i":{}}},"v:1":{}}"#)
    let right = try set(#"{"f:m":{"f:b":{},"k:{\"n\":\"x\"}":{"f:j":{}}},"v:2":{}}"#)
    let union = left.union(right)
    #expect(union.subtracting(left) == right)
    #expect(union.subtracting(right) == left)
    #expect(union.subtracting(left).intersection(left).isEmpty)
    #expect(
      union.paths == [
        "[=1]", "[=2]", ".m.a", ".m.b", #".m[n="x"]"#, #".m[n="x"].i"#, #".m[n="x"].j"#,
      ])
  }
}
