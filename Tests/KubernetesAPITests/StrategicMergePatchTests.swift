import JSONTree
import KubernetesAPI
import Testing

/// A small type by hand, with every kind of field that merges differently.
private struct TypeSchema: PatchSchema {
  var patchTypeName = "Thing"
  var fields: [String: PatchField]

  func patchField(_ name: String) -> PatchField? { fields[name] }

  static let port = TypeSchema(fields: [:])
  static let container = TypeSchema(fields: [
    "ports": PatchField(strategy: "merge", mergeKey: "containerPort", child: port),
    "args": PatchField(), "resources": PatchField(),
  ])
  static let thing = TypeSchema(fields: [
    "containers": PatchField(strategy: "merge", mergeKey: "name", child: container),
    "volumes": PatchField(strategy: "merge,retainKeys", mergeKey: "name"),
    "finalizers": PatchField(strategy: "merge"), "atomic": PatchField(), "whole": PatchField(strategy: "replace"),
    "strategy": PatchField(strategy: "retainKeys", child: TypeSchema(fields: ["rollingUpdate": PatchField()])),
    "labels": PatchField(), "keyless": PatchField(strategy: "merge"),
  ])
}

@Suite struct StrategicMergePatchTests {
  private func apply(_ patch: String, _ document: String) throws -> JSON {
    try StrategicMergePatch.apply(try JSON.parse(patch), to: try JSON.parse(document), schema: TypeSchema.thing)
  }

  @Test(arguments: [
    (#"{"labels":{"b":"2","a":null}}"#, #"{"labels":{"a":"1"}}"#, #"{"labels":{"b":"2"}}"#),
    (#"{"atomic":[3]}"#, #"{"atomic":[1,2]}"#, #"{"atomic":[3]}"#),
    (#"{"finalizers":["c","a"]}"#, #"{"finalizers":["a","b"]}"#, #"{"finalizers":["c","a","b"]}"#),
    (#"{"$deleteFromPrimitiveList/finalizers":["a"]}"#, #"{"finalizers":["a","b"]}"#, #"{"finalizers":["b"]}"#),
    (#"{"$deleteFromPrimitiveList/finalizers":["a"]}"#, #"{}"#, #"{}"#),
    (
      #"{"containers":[{"name":"b","image":"2"}]}"#, #"{"containers":[{"name":"a"},{"name":"b","image":"1","x":1}]}"#,
      #"{"containers":[{"name":"a"},{"name":"b","image":"2","x":1}]}"#
    ),
    (
      #"{"containers":[{"name":"c"}]}"#, #"{"containers":[{"name":"a"}]}"#,
      #"{"containers":[{"name":"c"},{"name":"a"}]}"#
    ),
    (
      #"{"containers":[{"name":"a","$patch":"delete"}]}"#, #"{"containers":[{"name":"a"},{"name":"b"}]}"#,
      #"{"containers":[{"name":"b"}]}"#
    ),
    (
      #"{"containers":[{"$patch":"replace"},{"name":"z"}]}"#, #"{"containers":[{"name":"a"},{"name":"b"}]}"#,
      #"{"containers":[{"name":"z"}]}"#
    ),
    (
      #"{"containers":[{"name":"a","ports":[{"containerPort":80,"name":"w"}]}]}"#,
      #"{"containers":[{"name":"a","ports":[{"containerPort":80,"protocol":"TCP"},{"containerPort":81}]}]}"#,
      #"{"containers":[{"name":"a","ports":[{"containerPort":80,"protocol":"TCP","name":"w"},{"containerPort":81}]}]}"#
    ),
    (
      #"{"containers":[{"name":"a","args":["x"]}]}"#, #"{"containers":[{"name":"a","args":["y","z"]}]}"#,
      #"{"containers":[{"name":"a","args":["x"]}]}"#
    ),
    (#"{"labels":{"$patch":"replace","z":"1"}}"#, #"{"labels":{"a":"1"}}"#, #"{"labels":{"z":"1"}}"#),
    (#"{"labels":{"$patch":"delete"}}"#, #"{"labels":{"a":"1"}}"#, #"{"labels":{}}"#),
    (#"{"whole":{"b":1}}"#, #"{"whole":{"a":1}}"#, #"{"whole":{"b":1}}"#),
    (
      #"{"strategy":{"$retainKeys":["type"],"type":"Recreate","rollingUpdate":null}}"#,
      #"{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}"#, #"{"strategy":{"type":"Recreate"}}"#
    ),
    (
      #"{"volumes":[{"name":"v","$retainKeys":["name","emptyDir"],"emptyDir":{}}]}"#,
      #"{"volumes":[{"name":"v","hostPath":{"path":"/x"}}]}"#,
      #"{"volumes":[{"name":"v","emptyDir":{}}]}"#
    ),
    (
      #"{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"b","image":"1"}]}"#,
      #"{"containers":[{"name":"a"},{"name":"b"}]}"#, #"{"containers":[{"name":"b","image":"1"},{"name":"a"}]}"#
    ),
    (
      #"{"$setElementOrder/containers":[{"name":"a"},{"name":"c"}],"containers":[{"name":"c"}]}"#,
      #"{"containers":[{"name":"a"},{"name":"server"}]}"#,
      #"{"containers":[{"name":"a"},{"name":"c"},{"name":"server"}]}"#
    ),
    (#"{"$setElementOrder/finalizers":["b","a"]}"#, #"{"finalizers":["a","x","b"]}"#, #"{"finalizers":["x","b","a"]}"#),
    (#"{"$setElementOrder/finalizers":["c"],"finalizers":["c"]}"#, #"{}"#, #"{"finalizers":["c"]}"#),
    (
      #"{"$setElementOrder/containers":[{"name":"a"}],"containers":[{"name":"b","$patch":"delete"}]}"#,
      #"{"containers":[{"name":"b"},{"name":"a"}]}"#, #"{"containers":[{"name":"a"}]}"#
    ),
    (#"{"labels":{"x":{"n":null,"m":1}}}"#, #"{}"#, #"{"labels":{"x":{"m":1}}}"#),
    (#"{"containers":null}"#, #"{"containers":[{"name":"a"}],"labels":{}}"#, #"{"labels":{}}"#),
    (#"{"finalizers":"x"}"#, #"{"finalizers":["a"]}"#, #"{"finalizers":"x"}"#),
    (#"{"containers":[{"name":"n","$patch":"delete"}]}"#, #"{}"#, #"{"containers":[]}"#),
  ]) func applies(_ patch: String, _ document: String, _ expected: String) throws {
    #expect(try apply(patch, document).description == JSON.parse(expected).description)
  }

  @Test(arguments: [
    (#"[]"#, KubernetesAPIError.Code.invalidPatch, "invalid JSON document"),
    (#"{"labels":{"$patch":"zap"}}"#, .inapplicablePatch, #"unknown patch type: zap in map: {"$patch":"zap"}"#),
    (
      #"{"containers":[{"image":"x"}]}"#, .inapplicablePatch,
      #"map: {"image":"x"} does not contain declared merge key: name"#
    ),
    (#"{"containers":["x"]}"#, .inapplicablePatch, #"list element types are not identical: [[{"name":"a"}] ["x"]]"#),
    (#"{"keyless":[{"a":1}]}"#, .inapplicablePatch, "cannot merge lists without merge key for type map"),
    (
      #"{"unknown":{"a":1}}"#, .inapplicablePatch,
      #"unable to find api field in struct Thing for the json field "unknown""#
    ),
    (
      #"{"strategy":{"$retainKeys":["type"],"rollingUpdate":{"x":1}}}"#, .invalidPatch,
      "invalid patch format of retainKeys"
    ),
    (#"{"$deleteFromPrimitiveList":["a"]}"#, .invalidPatch, "invalid patch format of primitive list"),
    (#"{"$setElementOrder/containers":1}"#, .invalidPatch, "invalid patch format of setElementOrder list"),
    (
      #"{"containers":[{"$patch":"merge","name":"a"}]}"#, .inapplicablePatch,
      "merging lists cannot yet be specified in the patch"
    ),
  ]) func refuses(_ patch: String, _ code: KubernetesAPIError.Code, _ message: String) {
    let document =
      #"{"labels":{"a":"1"},"containers":[{"name":"a"}],"keyless":[{"a":1}],"unknown":{"b":1},"strategy":{"type":"x"}}"#
    #expect(throws: KubernetesAPIError(code, message)) { try apply(patch, document) }
  }

  @Test func anOrderThatThePatchContradictsIsRefused() {
    let patch = #"{"$setElementOrder/containers":[{"name":"a"},{"name":"b"}],"containers":[{"name":"b"},{"name":"a"}]}"#
    let error = #expect(throws: KubernetesAPIError.self) { try apply(patch, #"{"containers":[]}"#) }
    #expect(error?.message.hasPrefix("The order in patch list:") == true)
  }
}
