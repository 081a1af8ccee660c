import JSONTree
import KubernetesAPI
import Testing

@Suite struct OpenAPIv2Tests {
  private static let document = OpenAPIv2Document(virtual: VirtualResource.all)
  private static let tree = Result { try JSON.parse(document.json()) }

  private func members(_ json: JSON?) -> [JSONObject.Member] { json?.object?.members ?? [] }

  /// Every object in a tree.
  private func visit(_ tree: JSON, _ body: (JSONObject) -> Void) {
    switch tree {
    case .object(let object):
      body(object)
      for member in object.members { visit(member.value, body) }
    case .array(let items): for item in items { visit(item, body) }
    default: break
    }
  }

  @Test func everythingThatIsNamedIsDefined() throws {
    let tree = try Self.tree.get()
    #expect(tree["swagger"] == "2.0" && tree[path: "info", "title"] == "Kubernetes")
    let defined = Set(members(tree["definitions"]).map { "#/definitions/\($0.key)" })
    var missing: Set<String> = []
    var strangers: Set<String> = []
    visit(tree) { object in
      if let name = object["$ref"]?.string, !defined.contains(name) { missing.insert(name) }
      // What v2 does not know, and defaults, which readers would take for what was given.
      for word in ["allOf", "oneOf", "requestBody", "content", "components"] where object[word]?.string == nil {
        if object[word]?.array != nil || object[word]?["schema"] != nil { strangers.insert(word) }
      }
      if object["type"]?.string != nil, object["default"] != nil { strangers.insert("default") }
    }
    #expect(missing.isEmpty && strangers.isEmpty, "\(missing) \(strangers)")
  }

  @Test func definitionsSayHowToMerge() throws {
    let definitions = try #require(try Self.tree.get()["definitions"])
    #expect(
      definitions[path: "io.k8s.api.apps.v1.Deployment", "x-kubernetes-group-version-kind"] == [
        ["group": "apps", "version": "v1", "kind": "Deployment"]
      ])
    let containers = definitions[path: "io.k8s.api.core.v1.PodSpec", "properties", "containers"]
    #expect(
      containers?["type"] == "array" && containers?["x-kubernetes-patch-strategy"] == "merge"
        && containers?["x-kubernetes-patch-merge-key"] == "name"
        && containers?["items"] == ["$ref": "#/definitions/io.k8s.api.core.v1.Container"])
    #expect(
      definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"]?["type"] == "string"
        && definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"]?["format"] == "int-or-string"
        && definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"]?["type"] == "string")
    let metadata = definitions[path: "io.k8s.api.core.v1.Pod", "properties", "metadata"]
    #expect(metadata?["$ref"] == "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
    // The options are of every group.
    let options = definitions["io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"]
    let groups = options?["x-kubernetes-group-version-kind"]?.items.compactMap { $0["group"]?.string } ?? []
    #expect(groups.first == "" && groups.contains("apps") && groups.contains("batch") && Set(groups).count > 10)
  }

  @Test func pathsSayWhatMayBeDone() throws {
    let paths = try #require(try Self.tree.get()["paths"])
    let object = "/apis/apps/v1/namespaces/{namespace}/deployments/{name}"
    let patch = try #require(paths[path: object, "patch"])
    #expect(
      patch["x-kubernetes-group-version-kind"] == ["group": "apps", "version": "v1", "kind": "Deployment"]
        && patch["x-kubernetes-action"] == "patch" && patch["requestBody"] == nil)
    let names = patch["parameters"]?.items.compactMap { $0["name"]?.string } ?? []
    #expect(Set(names).isSuperset(of: ["body", "dryRun", "fieldManager", "fieldValidation", "force"]))
    #expect(patch["consumes"]?.items.contains("application/strategic-merge-patch+json") == true)
    let dryRun = patch["parameters"]?.items.first { $0["name"] == "dryRun" }
    #expect(dryRun?["type"] == "string" && dryRun?["in"] == "query" && dryRun?["schema"] == nil)
    let list = paths[path: "/api/v1/namespaces/{namespace}/pods", "get"]
    #expect(
      list?[path: "responses", "200", "schema", "$ref"] == "#/definitions/io.k8s.api.core.v1.PodList"
        && list?["produces"]?.items.contains("application/json;stream=watch") == true)
    #expect(paths["/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"] != nil)
    for kind in ResourceKind.served { #expect(paths[kind.collectionPath()] != nil, "\(kind.plural)") }
  }

  // MARK: Protobuf

  /// The fields of a message, in the order they stand in.
  private func fields(_ bytes: ArraySlice<UInt8>) throws -> [(number: Int, bytes: ArraySlice<UInt8>)] {
    var rest = bytes
    func varint() throws -> Int {
      var value = 0
      var shift = 0
      while let byte = rest.popFirst() {
        value |= Int(byte & 0x7f) << shift
        if byte < 0x80 { return value }
        shift += 7
      }
      throw JSONError(offset: 0, reason: "the message ends too early")
    }
    var result: [(Int, ArraySlice<UInt8>)] = []
    while !rest.isEmpty {
      let tag = try varint()
      if tag & 7 == 0 {
        result.append((tag >> 3, [UInt8(try varint())]))
        continue
      }
      try #require(tag & 7 == 2)
      let length = try varint()
      try #require(length <= rest.count)
      result.append((tag >> 3, rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    return result
  }

  private func text(_ bytes: ArraySlice<UInt8>?) -> String { String(decoding: bytes ?? [], as: UTF8.self) }

  /// The entries of a map by name; they are the fields `number`.
  private func entries(_ bytes: ArraySlice<UInt8>, _ number: Int) throws -> [String: ArraySlice<UInt8>] {
    var result: [String: ArraySlice<UInt8>] = [:]
    for field in try fields(bytes) where field.number == number {
      let entry = try fields(field.bytes)
      result[text(entry.first { $0.number == 1 }?.bytes)] = entry.first { $0.number == 2 }?.bytes ?? []
    }
    return result
  }

  @Test func protobufSaysTheSame() throws {
    let tree = try Self.tree.get()
    let document = try fields(Self.document.protobuf()[...])
    #expect(text(document.first { $0.number == 1 }?.bytes) == "2.0")
    let paths = try entries(try #require(document.first { $0.number == 8 }).bytes, 2)
    #expect(Set(paths.keys) == Set(members(tree["paths"]).map(\.key)))
    let definitions = try entries(try #require(document.first { $0.number == 9 }).bytes, 1)
    #expect(Set(definitions.keys) == Set(members(tree["definitions"]).map(\.key)))

    // A schema: its properties with types, references and extensions.
    let pod = try #require(definitions["io.k8s.api.core.v1.PodSpec"])
    let properties = try entries(try #require(try fields(pod).first { $0.number == 25 }).bytes, 1)
    let known = tree[path: "definitions", "io.k8s.api.core.v1.PodSpec", "properties"]
    #expect(Set(properties.keys) == Set(members(known).map(\.key)))
    let containers = try fields(try #require(properties["containers"]))
    #expect(text(try fields(try #require(containers.first { $0.number == 22 }).bytes).first?.bytes) == "array")
    let item = try fields(try #require(containers.first { $0.number == 23 }).bytes)
    #expect(text(try fields(item[0].bytes).first?.bytes) == "#/definitions/io.k8s.api.core.v1.Container")
    let extensions = try entries(try #require(properties["containers"]), 31)
    #expect(text(try fields(try #require(extensions["x-kubernetes-patch-merge-key"]))[0].bytes) == "\"name\"")

    // An operation: its parameters by where they stand, its answers, its kind.
    let object = try #require(paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"])
    let item9 = try fields(object).filter { $0.number == 9 }
    #expect(item9.count == 3)
    let ofPath = try fields(fields(fields(fields(item9[0].bytes)[0].bytes)[0].bytes)[0].bytes)
    #expect(
      text(ofPath.first { $0.number == 4 }?.bytes) == "name" && text(ofPath.first { $0.number == 2 }?.bytes) == "path")
    let patch = try fields(try #require(try fields(object).first { $0.number == 8 }).bytes)
    let names = try patch.filter { $0.number == 8 }.compactMap { parameter -> String? in
      let inner = try fields(fields(parameter.bytes)[0].bytes)[0]
      if inner.number == 1 { return "body:" + text(try fields(inner.bytes).first { $0.number == 2 }?.bytes) }
      let query = try fields(inner.bytes)[0]
      #expect(query.number == 3)
      return text(try fields(query.bytes).first { $0.number == 4 }?.bytes)
    }
    #expect(names.first == "body:body" && names.contains("dryRun") && names.contains("fieldValidation"))
    let answers = try entries(try #require(patch.first { $0.number == 9 }).bytes, 1)
    #expect(Set(answers.keys) == ["200", "201", "401"])
    let kinds = try entries(try #require(try fields(object).first { $0.number == 8 }).bytes, 13)
    let kind = text(try fields(try #require(kinds["x-kubernetes-group-version-kind"]))[0].bytes)
    #expect(try JSON.parse(kind) == ["group": "apps", "version": "v1", "kind": "Deployment"])
  }
}
