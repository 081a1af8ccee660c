import JSONTree

/// OpenAPI v2 of all that is served, in one document: as JSON, and as the protobuf form that `kubectl` asks for.
///
/// It is written piece by piece: the whole of it as a tree would take ten times its text.
package struct OpenAPIv2Document: Sendable {
  private let registry: SchemaRegistry
  private let discovery: DiscoveryDocuments
  private let version: String

  package init(
    kinds: [ResourceKind] = ResourceKind.served, virtual: [VirtualResource] = [], version: String = "v1.36.2",
    registry: SchemaRegistry = .shared
  ) {
    self.registry = registry
    self.version = version
    discovery = DiscoveryDocuments(kinds: kinds, virtual: virtual)
  }

  private var info: JSON { ["title": "Kubernetes", "version": .string(version)] }

  private static let security: JSON = [["BearerToken": []]]
  private static let securityDefinitions: JSON = [
    "BearerToken": [
      "type": "apiKey", "description": "Bearer token authentication", "name": "authorization", "in": "header",
    ]
  ]

  /// `/openapi/v2` as JSON.
  package func json() -> [UInt8] {
    var writer = JSONWriter()
    writer.writeRaw(#"{"swagger":"2.0","info":"#.utf8)
    writer.write(info)
    writer.writeRaw(#","paths":"#.utf8)
    Self.write(to: &writer, forEachPath)
    writer.writeRaw(#","definitions":"#.utf8)
    Self.write(to: &writer, forEachDefinition)
    writer.writeRaw(#","securityDefinitions":"#.utf8)
    writer.write(Self.securityDefinitions)
    writer.writeRaw(#","security":"#.utf8)
    writer.write(Self.security)
    writer.writeRaw("}".utf8)
    return writer.bytes
  }

  private static func write(to writer: inout JSONWriter, _ forEach: ((String, JSON) -> Void) -> Void) {
    var separator = "{"
    forEach { name, value in
      writer.writeRaw(separator.utf8)
      writer.write(name)
      writer.writeRaw(":".utf8)
      writer.write(value)
      separator = ","
    }
    writer.writeRaw(separator == "{" ? "{}".utf8 : "}".utf8)
  }

  /// `/openapi/v2` as gnostic's `openapi.v2.Document`.
  package func protobuf() -> [UInt8] {
    var paths: [UInt8] = []
    forEachPath { GnosticEncoder.append(name: $0, value: $1, as: .pathItem, number: 2, to: &paths) }
    var definitions: [UInt8] = []
    forEachDefinition { GnosticEncoder.append(name: $0, value: $1, as: .schema, number: 1, to: &definitions) }
    var document: [UInt8] = []
    GnosticEncoder.append(["swagger": "2.0", "info": info], as: .document, to: &document)
    GnosticEncoder.append(paths, number: 8, to: &document)
    GnosticEncoder.append(definitions, number: 9, to: &document)
    GnosticEncoder.append(
      ["security": Self.security, "securityDefinitions": Self.securityDefinitions], as: .document, to: &document)
    return document
  }

  private func forEachPath(_ body: (String, JSON) -> Void) {
    for groupVersion in discovery.groupVersions {
      let paths = OpenAPIPaths(groupVersion: groupVersion)
      for kind in discovery.kinds where kind.groupVersion == groupVersion {
        for member in paths.paths(of: kind) { body(member.key, OpenAPIv2Form.pathItem(member.value)) }
      }
      for resource in discovery.virtual where resource.groupVersion == groupVersion {
        let member = paths.path(of: resource)
        body(member.key, OpenAPIv2Form.pathItem(member.value))
      }
    }
  }

  private func forEachDefinition(_ body: (String, JSON) -> Void) {
    let schemas = OpenAPISchemas(
      registry: registry, groupVersions: discovery.groupVersions.sorted { $0.description < $1.description })
    let roots = discovery.groupVersions.flatMap(discovery.schemaNames(of:))
    for name in schemas.names(reachableFrom: roots) {
      if let schema = schemas.schema(named: name) { body(name, OpenAPIv2Form.schema(schema)) }
    }
  }
}
