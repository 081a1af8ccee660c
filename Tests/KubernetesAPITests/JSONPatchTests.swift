import JSONTree
import KubernetesAPI
import Testing

@Suite struct JSONPatchTests {
  private func apply(_ patch: String, _ document: String) throws -> JSON {
    try JSONPatch(try JSON.parse(patch)).apply(to: try JSON.parse(document))
  }

  @Test(arguments: [
    (#"[{"op":"add","path":"/b","value":2}]"#, #"{"a":1}"#, #"{"a":1,"b":2}"#),
    (#"[{"op":"add","path":"/a","value":null}]"#, #"{"a":1}"#, #"{"a":null}"#),
    (#"[{"op":"add","path":"/l/1","value":9}]"#, #"{"l":[1,2]}"#, #"{"l":[1,9,2]}"#),
    (#"[{"op":"add","path":"/l/-","value":9}]"#, #"{"l":[1,2]}"#, #"{"l":[1,2,9]}"#),
    (#"[{"op":"add","path":"/l/2","value":9}]"#, #"{"l":[1,2]}"#, #"{"l":[1,2,9]}"#),
    (#"[{"op":"add","path":"","value":{"z":1}}]"#, #"{"a":1}"#, #"{"z":1}"#),
    (#"[{"op":"remove","path":"/a"}]"#, #"{"a":1,"b":2}"#, #"{"b":2}"#),
    (#"[{"op":"remove","path":"/l/0"}]"#, #"{"l":[1,2]}"#, #"{"l":[2]}"#),
    (#"[{"op":"remove","path":"/l/-1"}]"#, #"{"l":[1,2]}"#, #"{"l":[1]}"#),
    (#"[{"op":"replace","path":"/a/b","value":[1]}]"#, #"{"a":{"b":2}}"#, #"{"a":{"b":[1]}}"#),
    (#"[{"op":"replace","path":"/l/1/x","value":3}]"#, #"{"l":[1,{"x":2}]}"#, #"{"l":[1,{"x":3}]}"#),
    (#"[{"op":"move","from":"/a","path":"/c"}]"#, #"{"a":1,"b":2}"#, #"{"b":2,"c":1}"#),
    (#"[{"op":"copy","from":"/a","path":"/c"}]"#, #"{"a":{"x":1}}"#, #"{"a":{"x":1},"c":{"x":1}}"#),
    (#"[{"op":"test","path":"/a","value":{"y":1,"x":2}}]"#, #"{"a":{"x":2,"y":1}}"#, #"{"a":{"x":2,"y":1}}"#),
    (#"[{"op":"test","path":"/a","value":null}]"#, #"{}"#, #"{}"#),
    (#"[{"op":"replace","path":"/a~1b~0c","value":2}]"#, #"{"a/b~c":1}"#, #"{"a/b~c":2}"#),
    (#"[{"op":"add","path":"/~01","value":2}]"#, #"{}"#, #"{"~1":2}"#),
    (#"[]"#, #"{"a":1}"#, #"{"a":1}"#),
  ]) func applies(_ patch: String, _ document: String, _ expected: String) throws {
    #expect(try apply(patch, document) == JSON.parse(expected))
  }

  @Test(arguments: [
    (
      #"[{"op":"add","path":"/x/y","value":1}]"#,
      #"add operation does not apply: doc is missing path: "/x/y": missing value"#
    ),
    (
      #"[{"op":"remove","path":"/x"}]"#,
      "error in remove for path: '/x': Unable to remove nonexistent key: x: missing value"
    ),
    (
      #"[{"op":"replace","path":"/x","value":1}]"#,
      "replace operation does not apply: doc is missing key: /x: missing value"
    ),
    (
      #"[{"op":"replace","path":"/x/y","value":1}]"#,
      "replace operation does not apply: doc is missing path: /x/y: missing value"
    ),
    (#"[{"op":"test","path":"/a","value":2}]"#, "testing value /a failed: test failed"),
    (
      #"[{"op":"add","path":"/l/7","value":1}]"#,
      "error in add for path: '/l/7': Unable to access invalid index: 7: invalid index referenced"
    ),
    (#"[{"op":"frob","path":"/a"}]"#, "Unexpected kind: frob"),
    (#"[{"path":"/a"}]"#, "Unexpected kind: unknown"),
    (
      #"[{"op":"move","from":"/q","path":"/a"}]"#,
      "error in move for path: 'q': unable to get nonexistent key: q: missing value"
    ),
    (
      #"[{"op":"copy","from":"/q/r","path":"/a"}]"#,
      "copy operation does not apply: doc is missing from path: /q/r: missing value"
    ),
  ]) func refusesWhatDoesNotFit(_ patch: String, _ message: String) {
    #expect(throws: KubernetesAPIError(.inapplicablePatch, message)) { try apply(patch, #"{"a":1,"l":[1]}"#) }
  }

  @Test func refusesWhatIsNoPatch() {
    #expect(throws: KubernetesAPIError.self) { try JSONPatch(["op": "add"]) }
    #expect(throws: KubernetesAPIError.self) { try JSONPatch([1]) }
    let many = JSON.array(Array(repeating: ["op": "test", "path": "/a", "value": 1], count: 10_001))
    let error = #expect(throws: KubernetesAPIError.self) { try JSONPatch(many) }
    #expect(error?.code == .patchTooLarge)
  }

  @Test(arguments: [
    (#"{"a":"c"}"#, #"{"a":"b"}"#, #"{"a":"c"}"#), (#"{"b":"c"}"#, #"{"a":"b"}"#, #"{"a":"b","b":"c"}"#),
    (#"{"a":null}"#, #"{"a":"b"}"#, #"{}"#), (#"{"a":null}"#, #"{"a":"b","b":"c"}"#, #"{"b":"c"}"#),
    (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":"c"}"#), (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":["b"]}"#),
    (#"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"c"}}"#, #"{"a":{"b":"d"}}"#),
    (#"{"a":[1]}"#, #"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#),
    (#"["c","d"]"#, #"["a","b"]"#, #"["c","d"]"#), (#"["c"]"#, #"{"a":"b"}"#, #"["c"]"#),
    (#"null"#, #"{"a":"foo"}"#, #"null"#),
    (#"{"a":1}"#, #"{"e":null}"#, #"{"e":null,"a":1}"#), (#"{"a":"b","c":null}"#, #"[1,2]"#, #"{"a":"b"}"#),
    (#"{"a":{"bb":{"ccc":null}}}"#, #"{}"#, #"{"a":{"bb":{}}}"#),
  ]) func mergePatchExamplesOfTheRFC(_ patch: String, _ document: String, _ expected: String) throws {
    #expect(MergePatch.apply(try JSON.parse(patch), to: try JSON.parse(document)) == (try JSON.parse(expected)))
  }
}
