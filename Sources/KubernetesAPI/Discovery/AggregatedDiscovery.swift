package import JSONTree

extension DiscoveryDocuments {
  /// The media type that asks for aggregated discovery, without its leading `application/json;`.
  package static let aggregatedParameters = "g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

  /// Aggregated discovery (`apidiscovery.k8s.io/v2`): of `/api` where `isCore`, else of `/apis`.
  package func aggregated(isCore: Bool) -> JSON {
    let names = isCore ? [""] : groups
    return [
      "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": [:],
      "items": .array(names.map(aggregatedGroup)),
    ]
  }

  private func aggregatedGroup(_ name: String) -> JSON {
    let versions = groupVersions.filter { $0.group == name }.map { version -> JSON in
      let stored = kinds.filter { $0.groupVersion == version }.map(aggregatedResource)
      let asked = virtual.filter { $0.groupVersion == version }.map(aggregatedResource)
      return ["version": .string(version.version), "resources": .array(stored + asked), "freshness": "Current"]
    }
    return ["metadata": name.isEmpty ? [:] : ["name": .string(name)], "versions": .array(versions)]
  }

  private func aggregatedResource(_ kind: ResourceKind) -> JSON {
    var resource: JSON = [
      "resource": .string(kind.plural), "responseKind": Self.responseKind(kind.groupVersion, kind.kind),
      "scope": kind.isNamespaced ? "Namespaced" : "Cluster", "singularResource": .string(kind.singular),
      "verbs": Self.list(kind.verbs),
    ]
    if !kind.shortNames.isEmpty { resource["shortNames"] = Self.list(kind.shortNames) }
    if !kind.categories.isEmpty { resource["categories"] = Self.list(kind.categories) }
    let subresources = kind.subresourceKinds.map { subresource -> JSON in
      [
        "subresource": .string(subresource.name),
        "responseKind": Self.responseKind(subresource.groupVersion, subresource.kind),
        "verbs": Self.list(subresource.verbs),
      ]
    }
    if !subresources.isEmpty { resource["subresources"] = .array(subresources) }
    return resource
  }

  private func aggregatedResource(_ resource: VirtualResource) -> JSON {
    [
      "resource": .string(resource.plural), "responseKind": Self.responseKind(resource.groupVersion, resource.kind),
      "scope": resource.isNamespaced ? "Namespaced" : "Cluster",
      "singularResource": .string(resource.kind.lowercased()), "verbs": ["create"],
    ]
  }

  private static func responseKind(_ groupVersion: GroupVersion, _ kind: String) -> JSON {
    ["group": .string(groupVersion.group), "version": .string(groupVersion.version), "kind": .string(kind)]
  }
}
