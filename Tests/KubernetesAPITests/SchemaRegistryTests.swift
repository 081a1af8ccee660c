import JSONTree
import Testing

@testable import KubernetesAPI

@Suite struct SchemaRegistryTests {
  private let registry = SchemaRegistry.shared

  @Test func everyServedKindHasASchema() throws {
    for kind in ResourceKind.served {
      let schema = try #require(registry.schema(for: kind), "\(kind.schemaName)")
      #expect(schema.isKind)
      #expect(schema.groupVersion == kind.groupVersion)
      #expect(schema["metadata"]?.type == .message("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"))
      let list = try #require(registry.message(kind.schemaName + "List"))
      #expect(list["items"]?.type == .list(.message(kind.schemaName)))
      #expect(registry.schema(apiVersion: kind.apiVersion, kind: kind.listKind) === list)
    }
  }

  @Test func everyReferenceResolves() {
    for message in registry.messages {
      for field in message.fields {
        if let name = field.type.messageName { #expect(registry.message(name) != nil, "\(message.name).\(field.name)") }
        #expect(!field.patchStrategies.contains(.retainKeys) || field.type.messageName != nil)
        if field.patchMergeKey != nil { #expect(field.patchStrategies.contains(.merge)) }
        if let key = field.patchMergeKey {
          #expect(registry.message(of: field.type)?[key] != nil, "\(message.name).\(field.name) has no key \(key)")
        }
        if case .map(let keys) = field.mergeStructure {
          for key in keys { #expect(registry.message(of: field.type)?[key] != nil, "\(message.name).\(field.name)") }
        }
      }
    }
  }

  @Test func numbersAndNamesAreUnique() {
    for message in registry.messages {
      var names: Set<String> = []
      var numbers: Set<Int> = []
      for field in message.fields {
        #expect(names.insert(field.name).inserted, "\(message.name).\(field.name) twice")
        if field.number > 0, field.embeddedIn == nil {
          #expect(numbers.insert(field.number).inserted, "\(message.name) has number \(field.number) twice")
        }
      }
    }
  }

  @Test func fieldsCarryUpstreamsFacts() throws {
    let spec = try #require(registry.message("io.k8s.api.core.v1.PodSpec"))
    let containers = try #require(spec["containers"])
    #expect(containers.number == 2)
    #expect(containers.isRequired)
    #expect(containers.patchStrategies == [.merge])
    #expect(containers.patchMergeKey == "name")
    #expect(containers.mergeStructure == .map(["name"]))
    #expect(spec["restartPolicy"]?.defaultValue == "Always")
    #expect(spec["restartPolicy"]?.allowedValues == ["Always", "Never", "OnFailure"])
    #expect(spec["volumes"]?.patchStrategies == [.merge, .retainKeys])
    let volume = try #require(registry.message("io.k8s.api.core.v1.Volume"))
    #expect(volume["emptyDir"]?.number == 2)
    #expect(volume["emptyDir"]?.embeddedIn == 2)
    let ports = try #require(registry.message("io.k8s.api.core.v1.ServiceSpec")?["ports"])
    #expect(ports.mergeStructure == .map(["port", "protocol"]))
    #expect(ports.patchMergeKey == "port")
    #expect(registry.message("io.k8s.api.core.v1.Secret")?["data"]?.type == .map(.bytes))
  }
}
