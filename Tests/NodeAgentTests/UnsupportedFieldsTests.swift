import JSONTree
import KubernetesAPI
import Testing

@testable import NodeAgent

/// A field that upstream adds and nobody judged would be ignored silently: every field that a pod's text may have is in
/// a table, and the tables hold nothing else.
@Suite struct UnsupportedFieldsTests {
  private static let package = "io.k8s.api.core.v1."

  @Test(arguments: UnsupportedFields.tables.keys.sorted())
  func everyFieldOfTheSchemaIsJudged(_ name: String) throws {
    let schema = try #require(SchemaRegistry.shared.message(Self.package + name), "no message \(name)")
    let table = try #require(UnsupportedFields.tables[name])
    let known = Set(schema.fields.map(\.name))
    #expect(known.subtracting(table.keys).sorted() == [], "fields of \(name) that nobody judged")
    #expect(Set(table.keys).subtracting(known).sorted() == [], "fields that \(name) does not have")
  }

  /// A message whose fields are carried out must have been looked into.
  @Test(arguments: UnsupportedFields.tables.keys.sorted())
  func messagesAreJudgedFieldByField(_ name: String) throws {
    let schema = try #require(SchemaRegistry.shared.message(Self.package + name))
    for field in schema.fields {
      let treatment = UnsupportedFields.tables[name]?[field.name]
      let child = SchemaRegistry.shared.message(of: field.type)
      switch treatment {
      case .supported, .only: #expect(child == nil, "\(name).\(field.name) is a message: .partly, with a table")
      case .partly:
        let child = try #require(child, "\(name).\(field.name) has no parts")
        #expect(UnsupportedFields.tables[child.shortName] != nil, "\(child.shortName) has no table")
      case .elsewhere, .noEffect, .unsupported, nil: break
      }
    }
  }

  /// From the pod's spec, by fields that are carried out in part, to every message with a table.
  @Test func everyTableIsReached() throws {
    var reached: Set<String> = ["PodSpec"]
    var open = ["PodSpec"]
    while let name = open.popLast() {
      let schema = try #require(SchemaRegistry.shared.message(Self.package + name))
      for field in schema.fields where UnsupportedFields.tables[name]?[field.name] == .partly {
        let child = try #require(SchemaRegistry.shared.message(of: field.type)).shortName
        if reached.insert(child).inserted { open.append(child) }
      }
    }
    #expect(reached == Set(UnsupportedFields.tables.keys))
  }

  /// Every field that the tables call unsupported is named with its path, wherever a pod may have it.
  @Test func everyUnsupportedFieldIsNamed() throws {
    var count = 0
    try walk("PodSpec", at: ["spec"]) { path in
      var pod: JSON = [:]
      let value: JSON = "x"
      pod[path: path] = value
      // Lists are written as one element.
      let wrapped = Self.wrapped(pod["spec"] ?? .null, as: "PodSpec")
      let found = UnsupportedFields.found(in: ["spec": wrapped])
      #expect(found.count == 1 && found.first?.hasSuffix(".\(path.last ?? "")") == true, "\(path): \(found)")
      count += 1
    }
    #expect(count > 50)
  }

  private func walk(_ name: String, at path: [String], depth: Int = 0, _ visit: ([String]) throws -> Void) throws {
    let schema = try #require(SchemaRegistry.shared.message(Self.package + name))
    for field in schema.fields {
      switch UnsupportedFields.tables[name]?[field.name] {
      case .unsupported, .only: try visit(path + [field.name])
      case .partly:
        let child = try #require(SchemaRegistry.shared.message(of: field.type))
        try walk(child.shortName, at: path + [field.name], depth: depth + 1, visit)
      default: break
      }
    }
  }

  /// Makes a list of what the schema says is one.
  private static func wrapped(_ value: JSON, as name: String) -> JSON {
    guard let schema = SchemaRegistry.shared.message(package + name), let object = value.object else { return value }
    var result: JSONObject = [:]
    for member in object.members {
      guard let field = schema[member.key], let child = SchemaRegistry.shared.message(of: field.type) else {
        result[member.key] = member.value
        continue
      }
      let inner = wrapped(member.value, as: child.shortName)
      if case .list = field.type, inner.object != nil {
        result[member.key] = [inner]
      } else {
        result[member.key] = inner
      }
    }
    return .object(result)
  }

  @Test func aFieldThatIsNotCarriedOutIsNamedWithItsPath() {
    let pod: JSON = [
      "spec": [
        "hostUsers": false,
        "containers": [
          [
            "name": "a", "restartPolicyRules": [["action": "Restart"], ["action": "Panic"]],
            "volumeMounts": [["name": "v", "recursiveReadOnly": "Enabled"]],
          ]
        ],
        "volumes": [["name": "v", "nfs": ["server": "s"]], ["name": "w", "ephemeral": [:]]],
      ]
    ]
    #expect(
      UnsupportedFields.found(in: pod) == [
        "spec.hostUsers", "spec.containers[0].restartPolicyRules[1].action",
        "spec.containers[0].volumeMounts[0].recursiveReadOnly",
        "spec.volumes[0].nfs", "spec.volumes[1].ephemeral",
      ])
  }

  @Test func aFieldOfALaterVersionIsNamed() {
    #expect(
      UnsupportedFields.found(in: ["spec": ["containers": [["fromTheFuture": 1]]]]) == [
        "spec.containers[0].fromTheFuture"
      ])
  }

  @Test func valuesThatAskForNothingAreFine() {
    let pod: JSON = [
      "spec": [
        "hostUsers": true, "os": ["name": "linux"], "ephemeralContainers": [], "runtimeClassName": "",
        "securityContext": ["supplementalGroupsPolicy": "Merge", "fsGroupChangePolicy": "OnRootMismatch"],
        "initContainers": [["restartPolicy": "Always"]],
        "containers": [
          [
            "securityContext": ["procMount": "Default", "seccompProfile": ["type": "RuntimeDefault"]],
            "ports": [["containerPort": 80, "hostPort": 8000, "hostIP": "127.0.0.1"]],
            "volumeMounts": [["recursiveReadOnly": "Disabled", "subPath": ""]],
          ]
        ],
      ]
    ]
    #expect(UnsupportedFields.found(in: pod) == [])
  }

  @Test(
    arguments: [
      (["hostUsers": false], "spec.hostUsers"),
      (["ephemeralContainers": [["lifecycle": ["preStop": [:]]]]], "spec.ephemeralContainers[0].lifecycle"),
      (["volumes": [["emptyDir": ["medium": "HugePages"]]]], "spec.volumes[0].emptyDir.medium"),
    ] as [(JSON, String)])
  func valuesThatAskForMoreAreNamed(_ spec: JSON, _ path: String) {
    #expect(UnsupportedFields.found(in: ["spec": spec]) == [path])
  }
}
