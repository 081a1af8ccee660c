import ClusterModel
import ContainerRuntime
import JSONTree
import KubernetesAPI
import Testing

@testable import NodeAgent

@Suite struct EnvironmentTests {
  private func builder(
    configMaps: [String: JSON] = [:], secrets: [String: JSON] = [:], services: [ServiceModel] = []
  ) -> EnvironmentBuilder {
    EnvironmentBuilder(
      field: .test(testPod()), services: services, configMaps: configMaps, secrets: secrets)
  }

  private func text(_ builder: EnvironmentBuilder, _ container: JSONObject) throws -> [String] {
    try builder.variables(for: testContainer("main", container)).map { "\($0.key)=\($0.value)" }
  }

  private func error(_ builder: EnvironmentBuilder, _ container: JSONObject) -> String {
    do {
      _ = try builder.variables(for: testContainer("main", container))
      return "none"
    } catch { return "\(error.code.rawValue): \(error.message)" }
  }

  @Test func variablesReferToWhatCameBefore() throws {
    let found = try text(
      builder(),
      [
        "env": [
          ["name": "A", "value": "1"], ["name": "B", "value": "$(A)$(C)$$(A)"], ["name": "C", "value": "x"],
          ["name": "A", "value": "$(A)2"], ["name": "D"],
        ]
      ])
    #expect(found == ["A=12", "B=1$(C)$(A)", "C=x", "D="])
  }

  @Test func whatAContainerSaysGoesBeforeWhatItImports() throws {
    let found = try text(
      builder(
        configMaps: ["m": ["data": ["A": "map", "B": "map"]]],
        secrets: ["s": ["data": ["B": "c2VjcmV0"]]]),
      [
        "envFrom": [["configMapRef": ["name": "m"]], ["prefix": "P_", "secretRef": ["name": "s"]]],
        "env": [["name": "A", "value": "own $(P_B)"]],
      ])
    #expect(found == ["A=own secret", "B=map", "P_B=secret"])
  }

  @Test func servicesAreKnownAndOverridden() throws {
    let service: JSON = [
      "metadata": ["name": "db", "namespace": "default"],
      "spec": ["clusterIP": "10.96.0.7", "ports": [["port": 5432]]],
    ]
    let found = try text(
      builder(services: [ServiceModel(object: service)]),
      [
        "env": [
          ["name": "URL", "value": "pg://$(DB_SERVICE_HOST):$(DB_SERVICE_PORT)"], ["name": "DB_PORT", "value": "mine"],
        ]
      ])
    #expect(found.prefix(2) == ["URL=pg://10.96.0.7:5432", "DB_PORT=mine"])
    #expect(found.contains("DB_SERVICE_HOST=10.96.0.7"))
    #expect(found.filter { $0.hasPrefix("DB_PORT=") } == ["DB_PORT=mine"])
  }

  @Test func singleKeysAndFields() throws {
    let found = try text(
      builder(configMaps: ["m": ["data": ["k": "v"]]], secrets: ["s": ["data": ["k": "c2VjcmV0"]]]),
      [
        "env": [
          ["name": "A", "valueFrom": ["configMapKeyRef": ["name": "m", "key": "k"]]],
          ["name": "B", "valueFrom": ["secretKeyRef": ["name": "s", "key": "k"]]],
          ["name": "C", "valueFrom": ["fieldRef": ["fieldPath": "metadata.name"]]],
          ["name": "D", "valueFrom": ["resourceFieldRef": ["resource": "limits.cpu"]]],
          ["name": "E", "valueFrom": ["configMapKeyRef": ["name": "none", "key": "k", "optional": true]]],
          ["name": "F", "valueFrom": ["secretKeyRef": ["name": "s", "key": "none", "optional": true]]],
        ],
        "envFrom": [["configMapRef": ["name": "none", "optional": true]]],
      ])
    #expect(found == ["A=v", "B=secret", "C=web", "D=4"])
  }

  @Test func whatIsMissingIsNamedAsUpstreamNamesIt() {
    let full = builder(configMaps: ["m": ["data": [:]]], secrets: ["s": ["data": [:]]])
    func variable(_ source: JSON) -> JSONObject { ["env": [["name": "A", "valueFrom": source]]] }
    #expect(
      error(full, variable(["configMapKeyRef": ["name": "x", "key": "k"]]))
        == "CreateContainerConfigError: configmap \"x\" not found")
    #expect(
      error(full, variable(["configMapKeyRef": ["name": "m", "key": "k"]]))
        == "CreateContainerConfigError: couldn't find key k in ConfigMap default/m")
    #expect(
      error(full, variable(["secretKeyRef": ["name": "s", "key": "k"]]))
        == "CreateContainerConfigError: couldn't find key k in Secret default/s")
    #expect(
      error(full, ["envFrom": [["secretRef": ["name": "x"]]]]) == "CreateContainerConfigError: secret \"x\" not found")
  }

  @Test(arguments: [
    ("$(A)", "1"), ("$$(A)", "$(A)"), ("$$$(A)", "$1"), ("$(B)", "$(B)"), ("$", "$"), ("a$", "a$"), ("$x", "$x"),
    ("$(open $$x", "$(open $x"), ("$()", "$()"), ("$(A)$(A)", "11"), ("ü$(A)", "ü1"),
  ])
  func references(_ text: String, _ expanded: String) {
    #expect(VariableExpansion.expand(text, with: ["A": "1"]) == expanded)
  }
}

extension DownwardField {
  static func test(_ pod: JSON, addresses: [String] = ["10.244.0.9"]) -> DownwardField {
    DownwardField(
      pod: pod, nodeName: "node-1", hostAddresses: ["192.0.2.1"], podAddresses: addresses, allocatableMilliCPU: 4000,
      allocatableMemory: 8 << 30)
  }
}
