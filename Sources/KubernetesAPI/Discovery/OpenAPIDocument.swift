package import JSONTree

/// OpenAPI v3 of what is served: an index, and one document per group version.
///
/// `kubectl explain`, `apply` and `create --validate` read it. Documents are built on demand and cost milliseconds; who
/// serves them should keep them.
package struct OpenAPIDocument: Sendable {
  let registry: SchemaRegistry
  let discovery: DiscoveryDocuments
  /// The server's version, as in `/version`.
  let version: String

  package init(
    kinds: [ResourceKind] = ResourceKind.served, virtual: [VirtualResource] = [], version: String = "v1.36.2",
    registry: SchemaRegistry = .shared
  ) {
    self.registry = registry
    self.version = version
    discovery = DiscoveryDocuments(kinds: kinds, virtual: virtual)
  }

  /// The group versions that have a document.
  package var groupVersions: [GroupVersion] { discovery.groupVersions }

  /// `/openapi/v3`.
  /// - Parameter hashes: What changes when a document does, by group version; part of the documents' addresses, so that
  ///   clients may keep them for good.
  package func index(hashes: [GroupVersion: String]) -> JSON {
    let members = groupVersions.map { groupVersion -> JSONObject.Member in
      let path = String(groupVersion.path.dropFirst())
      let hash = hashes[groupVersion].map { "?hash=\($0)" } ?? ""
      return JSONObject.Member(key: path, value: ["serverRelativeURL": .string("/openapi/v3/\(path)\(hash)")])
    }
    return ["paths": .object(JSONObject(members: members))]
  }

  /// `/openapi/v3/api/v1`, `/openapi/v3/apis/GROUP/VERSION`; `nil` for a group version that is not served.
  package func document(_ groupVersion: GroupVersion) -> JSON? {
    guard groupVersions.contains(groupVersion) else { return nil }
    let paths = OpenAPIPaths(groupVersion: groupVersion)
    var members: [JSONObject.Member] = []
    for kind in discovery.kinds where kind.groupVersion == groupVersion { members += paths.paths(of: kind) }
    for resource in discovery.virtual where resource.groupVersion == groupVersion {
      members.append(paths.path(of: resource))
    }
    return [
      "openapi": "3.0.0",
      "info": ["title": "Kubernetes", "version": .string(version)],
      "paths": .object(JSONObject(members: members)),
      "components": [
        "schemas": OpenAPISchemas(registry: registry, groupVersions: [groupVersion])
          .schemas(reachableFrom: discovery.schemaNames(of: groupVersion)),
        "securitySchemes": [
          "BearerToken": [
            "type": "apiKey", "description": "Bearer token authentication", "name": "authorization", "in": "header",
          ]
        ],
      ],
    ]
  }

  /// A hash of a document's text in hexadecimal.
  package static func hash(_ text: some Sequence<UInt8>) -> String {
    let digits = String(FNV1a.hash64(text), radix: 16, uppercase: true)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}

extension DiscoveryDocuments {
  /// The schemas that a group version's paths name.
  func schemaNames(of groupVersion: GroupVersion) -> [String] {
    var names = ["io.k8s.apimachinery.pkg.apis.meta.v1.Status", OpenAPISchemas.deleteOptions]
    for kind in kinds where kind.groupVersion == groupVersion {
      names += [kind.schemaName, kind.schemaName + "List"] + kind.subresourceKinds.map(\.schemaName)
    }
    for resource in virtual where resource.groupVersion == groupVersion { names.append(resource.schemaName) }
    return names
  }
}
