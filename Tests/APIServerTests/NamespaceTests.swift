import JSONTree
import KubernetesAPI
import Testing

@Suite struct NamespaceTests {
  @Test func aNamespaceCarriesItsNameAndItsFinalizer() async throws {
    let space = try await TestServer.shared.namespace()
    let namespace = try await space.server.get("/api/v1/namespaces/\(space.name)").object()
    #expect(namespace.labels == ["kubernetes.io/metadata.name": space.name])
    #expect(namespace.spec == ["finalizers": ["kubernetes"]] && namespace.status == ["phase": "Active"])
    let changed = try await space.server.patch(
      "/api/v1/namespaces/\(space.name)", ["metadata": ["labels": ["kubernetes.io/metadata.name": "other"]]]
    ).object()
    #expect(changed.labels == ["kubernetes.io/metadata.name": space.name])
  }

  @Test func aMissingNamespaceTakesNothing() async throws {
    let server = try await TestServer.shared
    let status = try await server.post("/api/v1/namespaces/nowhere/configmaps", TestObjects.configMap("a"))
      .refused(404, "NotFound", "namespaces \"nowhere\" not found")
    #expect(status["details"] == ["name": "nowhere", "kind": "namespaces"])
    #expect(try await server.get("/api/v1/namespaces/nowhere/configmaps").object()["items"] == [])
  }

  @Test func aNamespaceEndsInTwoSteps() async throws {
    let space = try await TestServer.shared.namespace()
    let path = "/api/v1/namespaces/\(space.name)"
    _ = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    let ending = try await space.server.delete(path).object()
    #expect(ending.kind == "Namespace" && ending.isTerminating && ending.status["phase"] == "Terminating")
    let message = "unable to create new content in namespace \(space.name) because it is being terminated"
    let status = try await space.create(.configMaps, TestObjects.configMap("b"))
      .refused(403, "Forbidden", "configmaps \"b\" is forbidden: \(message)")
    #expect(
      status["details"] == [
        "name": "b", "kind": "configmaps",
        "causes": [
          [
            "reason": "NamespaceTerminating",
            "message": .string("namespace \(space.name) is being terminated"), "field": "metadata.namespace",
          ]
        ],
      ])
    // What is there can still be changed and removed.
    _ = try await space.server.patch(space.path(.configMaps, "a"), ["data": ["x": "1"]]).object()
    _ = try await space.server.delete(space.path(.configMaps, "a")).object()
    var finalized = ending
    finalized["spec"] = ["finalizers": []]
    _ = try await space.server.put("\(path)/finalize", finalized).object()
    #expect(try await space.server.get(path).code == 404)
  }

  @Test func onlyFinalizeChangesTheFinalizers() async throws {
    let space = try await TestServer.shared.namespace()
    let changed = try await space.server.patch(
      "/api/v1/namespaces/\(space.name)", ["spec": ["finalizers": []], "status": ["phase": "Terminating"]]
    ).object()
    #expect(changed.spec == ["finalizers": ["kubernetes"]] && changed.status == ["phase": "Active"])
  }

  @Test(arguments: ["default", "kube-system", "kube-public"]) func theClustersOwnStay(name: String) async throws {
    try await TestServer.shared.delete("/api/v1/namespaces/\(name)").refused(
      403, "Forbidden", "namespaces \"\(name)\" is forbidden: this namespace may not be deleted")
  }

  @Test func theFirstObjectsAreThere() async throws {
    let server = try await TestServer()
    let names = try await server.get("/api/v1/namespaces").object()["items"]?.items.map(\.name)
    #expect(names == ["default", "kube-node-lease", "kube-public", "kube-system"])
    let service = try await server.get("/api/v1/namespaces/default/services/kubernetes").object()
    #expect(service.spec["clusterIP"] == "10.96.0.1" && service.spec["ports"]?.items.first?["targetPort"] == 6443)
    let slice = try await server.get(
      "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes"
    ).object()
    #expect(slice["endpoints"]?.items.first?["addresses"] == ["192.0.2.1"])
    let dns = try await server.get("/api/v1/namespaces/kube-system/services/kube-dns").object()
    #expect(dns.spec["clusterIP"] == "10.96.0.10")
  }

  @Test func aNamespacesNameIsALabel() async throws {
    let status = try await TestServer.shared.post("/api/v1/namespaces", ["metadata": ["name": "a.b"]]).object(422)
    #expect(
      status["message"]?.string?.hasPrefix(
        "Namespace \"a.b\" is invalid: metadata.name: Invalid value: \"a.b\": a lowercase RFC 1123 label must consist")
        == true)
  }
}
