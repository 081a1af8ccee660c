package import JSONTree

/// The documents by which clients learn what is served.
package struct DiscoveryDocuments: Sendable {
  let kinds: [ResourceKind]
  let virtual: [VirtualResource]

  /// - Parameters:
  ///   - kinds: What is stored and served, in the order to list it.
  ///   - virtual: What is answered without being stored.
  package init(kinds: [ResourceKind] = ResourceKind.served, virtual: [VirtualResource] = []) {
    self.kinds = kinds
    self.virtual = virtual
  }

  /// Every group with its versions, each once, the core group first.
  package var groupVersions: [GroupVersion] {
    var seen: Set<GroupVersion> = []
    let all = kinds.map(\.groupVersion) + virtual.map(\.groupVersion)
    return all.filter { seen.insert($0).inserted }
  }

  /// Named groups, in the order of ``groupVersions``.
  var groups: [String] {
    var seen: Set<String> = []
    return groupVersions.map(\.group).filter { !$0.isEmpty && seen.insert($0).inserted }
  }

  /// `/api`.
  /// - Parameter serverAddress: `HOST:PORT` for clients of any address.
  package func coreVersions(serverAddress: String) -> JSON {
    [
      "kind": "APIVersions",
      "versions": .array(groupVersions.filter(\.group.isEmpty).map { .string($0.version) }),
      "serverAddressByClientCIDRs": [["clientCIDR": "0.0.0.0/0", "serverAddress": .string(serverAddress)]],
    ]
  }

  /// `/apis`.
  package var groupList: JSON {
    ["kind": "APIGroupList", "apiVersion": "v1", "groups": .array(groups.map { group($0, isAlone: false) })]
  }

  /// `/apis/GROUP`; `nil` for a group that is not served.
  package func group(_ name: String) -> JSON? {
    guard groups.contains(name) else { return nil }
    return group(name, isAlone: true)
  }

  private func group(_ name: String, isAlone: Bool) -> JSON {
    let versions: [JSON] = groupVersions.filter { $0.group == name }.map {
      ["groupVersion": .string($0.description), "version": .string($0.version)]
    }
    var object: JSON = isAlone ? ["kind": "APIGroup", "apiVersion": "v1"] : [:]
    object["name"] = .string(name)
    object["versions"] = .array(versions)
    object["preferredVersion"] = versions[0]
    return object
  }

  /// `/api/v1`, `/apis/GROUP/VERSION`; `nil` for a version that is not served.
  package func resourceList(_ groupVersion: GroupVersion) -> JSON? {
    guard groupVersions.contains(groupVersion) else { return nil }
    var resources: [JSON] = []
    for kind in kinds where kind.groupVersion == groupVersion {
      var resource: JSON = [
        "name": .string(kind.plural), "singularName": .string(kind.singular), "namespaced": .bool(kind.isNamespaced),
        "kind": .string(kind.kind), "verbs": Self.list(kind.verbs),
      ]
      if !kind.shortNames.isEmpty { resource["shortNames"] = Self.list(kind.shortNames) }
      if !kind.categories.isEmpty { resource["categories"] = Self.list(kind.categories) }
      resources.append(resource)
      resources += kind.subresourceKinds.map { Self.subresource($0, of: kind) }
    }
    for resource in virtual where resource.groupVersion == groupVersion {
      resources.append([
        "name": .string(resource.plural), "singularName": .string(resource.kind.lowercased()),
        "namespaced": .bool(resource.isNamespaced), "kind": .string(resource.kind), "verbs": ["create"],
      ])
    }
    return [
      "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": .string(groupVersion.description),
      "resources": .array(resources),
    ]
  }

  /// A subresource names its kind's group and version where they differ from the list's.
  private static func subresource(_ subresource: SubresourceKind, of kind: ResourceKind) -> JSON {
    var resource: JSON = [
      "name": .string("\(kind.plural)/\(subresource.name)"), "singularName": "", "namespaced": .bool(kind.isNamespaced),
    ]
    if subresource.groupVersion != kind.groupVersion {
      resource["group"] = .string(subresource.groupVersion.group)
      resource["version"] = .string(subresource.groupVersion.version)
    }
    resource["kind"] = .string(subresource.kind)
    resource["verbs"] = list(subresource.verbs)
    return resource
  }

  static func list(_ texts: [String]) -> JSON { .array(texts.map(JSON.string)) }
}
