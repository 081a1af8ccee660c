import JSONTree
import KubernetesAPI
import Testing

@testable import NodeAgent

@Suite struct UnsupportedFieldsTests {
  /// A field that upstream adds and nobody judged would be ignored silently.
  @Test(arguments: [
    ("io.k8s.api.core.v1.PodSpec", UnsupportedFields.podSpec),
    ("io.k8s.api.core.v1.Container", UnsupportedFields.container),
    ("io.k8s.api.core.v1.Volume", UnsupportedFields.volume),
  ])
  func everyFieldOfTheSchemaIsJudged(_ name: String, _ table: [String: UnsupportedFields.Treatment]) throws {
    let schema = try #require(SchemaRegistry.shared.message(name))
    for field in schema.fields { #expect(table[field.name] != nil, "\(name).\(field.name) is not in the table") }
  }

  @Test func aFieldThatIsNotCarriedOutIsNamedWithItsPath() {
    let pod: JSON = [
      "spec": [
        "runtimeClassName": "kata",
        "volumes": [["name": "v", "nfs": ["server": "s"]]],
        "containers": [["name": "a", "readinessProbe": ["grpc": ["port": 1]], "volumeMounts": [["subPath": "x"]]]],
      ]
    ]
    #expect(
      UnsupportedFields.found(in: pod) == [
        "spec.runtimeClassName", "spec.containers[0].readinessProbe.grpc", "spec.containers[0].volumeMounts[0].subPath",
        "spec.volumes[0].nfs",
      ])
  }
}
