import JSONTree
import Testing

@testable import KubernetesAPI

@Suite struct ObjectDecoderTests {
  private let decoder = ObjectDecoder()

  private func decode(
    _ text: String, _ kind: ResourceKind = .pods, _ validation: FieldValidation = .strict
  ) throws -> DecodedObject {
    let (tree, duplicates) = try JSON.parseNotingDuplicates(text.utf8)
    let written = duplicates.isEmpty ? nil : try JSON.parseKeepingRepeated(text.utf8)
    return try decoder.decode(tree, as: kind, validation: validation, written: written)
  }

  private func message(_ text: String, _ kind: ResourceKind = .pods) throws -> String {
    try #require(throws: ObjectDecodingError.self) { _ = try decode(text, kind) }.message
  }

  @Test func knownFieldsStayAndNullsGo() throws {
    let result = try decode(
      #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","creationTimestamp":null,"labels":{"x":"y"}},"#
        + #""spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":0.5,"memory":"1024Mi"}}}]}}"#)
    #expect(result.complaints.isEmpty)
    #expect(result.object.metadata.object?.keys == ["name", "labels"])
    let limits = result.object["spec"]?["containers"]?.items[0][path: "resources", "limits"]
    #expect(limits == ["cpu": "500m", "memory": "1Gi"])
  }

  @Test func unknownFieldsAreNamedWithTheirPlace() throws {
    let text = #"{"spec":{"foo":1,"containers":[{"name":"c","imagee":"i"}]},"bar":{}}"#
    #expect(
      try message(text)
        == #"Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.foo", "#
        + #"unknown field "spec.containers[0].imagee", unknown field "bar""#)
    let warned = try decode(text, .pods, .warn)
    #expect(warned.complaints.count == 3)
    #expect(warned.object == ["spec": ["containers": [["name": "c"]]]])
    #expect(try decode(text, .pods, .ignore).complaints.isEmpty)
  }

  @Test func repeatedFieldsAreNamed() throws {
    let text = #"{"metadata":{"name":"a","name":"b"}}"#
    #expect(try message(text).hasSuffix(#"strict decoding error: duplicate field "metadata.name""#))
    #expect(try decode(text, .pods, .warn).object.name == "b")
  }

  @Test func complaintsComeInTheOrderOfTheText() throws {
    let text =
      #"{"metadata":{"labels":{"a":"b","a":"c"}},"spec":{"foo":{"bar":1},"nodeName":"a","nodeName":"b","foo":null,"#
      + #""containers":[{"name":"c","imagee":"i","image":"x","image":null}]}}"#
    #expect(
      try message(text).hasSuffix(
        #": strict decoding error: duplicate field "metadata.labels.a", unknown field "spec.foo", "#
          + #"duplicate field "spec.nodeName", unknown field "spec.foo", "#
          + #"unknown field "spec.containers[0].imagee", duplicate field "spec.containers[0].image""#))
    #expect(try decode(text, .pods, .ignore).object.spec["nodeName"] == "b")
  }

  @Test(arguments: [
    (
      #"{"spec":{"containers":[{"name":5}]}}"#,
      "json: cannot unmarshal number into Go struct field spec.containers.name of type string"
    ),
    (
      #"{"spec":{"containers":{}}}"#,
      "json: cannot unmarshal object into Go struct field spec.containers of type []v1.Container"
    ),
    (
      #"{"spec":{"priority":5000000000}}"#,
      "json: cannot unmarshal number 5000000000 into Go struct field spec.priority of type int32"
    ),
    (
      #"{"spec":{"hostNetwork":"yes"}}"#,
      "json: cannot unmarshal string into Go struct field spec.hostNetwork of type bool"
    ),
    (
      #"{"metadata":{"labels":{"a":true}}}"#,
      "json: cannot unmarshal bool into Go struct field metadata.labels.a of type string"
    ),
    (
      #"{"spec":{"overhead":{"cpu":"much"}}}"#,
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
    ),
  ])
  func wrongTypesAreRefused(text: String, expected: String) throws {
    #expect(try message(text) == "Pod in version \"v1\" cannot be handled as a Pod: \(expected)")
  }

  @Test func bytesMustBeBase64() throws {
    #expect(try decode(#"{"data":{"a":"aGk="}}"#, .secrets).object["data"]?["a"] == "aGk=")
    #expect(try message(#"{"data":{"a":"a?=="}}"#, .secrets).hasSuffix("illegal base64 data at input byte 1"))
  }

  @Test func timesAreBroughtToUTC() throws {
    let text = #"{"metadata":{"creationTimestamp":"2026-01-02T03:04:05.678+01:00"}}"#
    #expect(try decode(text).object.creationTimestamp == "2026-01-02T02:04:05Z")
    #expect(throws: ObjectDecodingError.self) { try decode(#"{"metadata":{"creationTimestamp":"today"}}"#) }
  }

  @Test func anythingMayStandWhereAnythingIsAllowed() throws {
    let text = #"{"metadata":{"managedFields":[{"manager":"m","fieldsV1":{"f:spec":{}}}]}}"#
    #expect(try decode(text).object.metadata["managedFields"]?.items.count == 1)
  }
}
