import JSONTree
import KubernetesAPI
import Testing

/// What admission fills in and refuses by the classes there are. On servers of their own: defaults are everybody's.
@Suite struct DefaultClassTests {
  private func storageClass(_ name: String, isDefault: Bool) -> JSON {
    [
      "metadata": [
        "name": .string(name),
        "annotations": ["storageclass.kubernetes.io/is-default-class": .string(isDefault ? "true" : "false")],
      ], "provisioner": "x.example/p",
    ]
  }

  private func claim(_ name: String, _ spec: JSON = [:]) -> JSON {
    var claim: JSON = ["metadata": ["name": .string(name)], "spec": spec]
    claim[path: "spec", "accessModes"] = ["ReadWriteOnce"]
    claim[path: "spec", "resources"] = ["requests": ["storage": "1Gi"]]
    return claim
  }

  @Test func claimsGetTheDefaultClass() async throws {
    let server = try await TestServer()
    let space = try await server.namespace()
    let classes = ResourceKind.storageClasses.collectionPath()
    let before = try await space.create(.persistentVolumeClaims, claim("before")).object(201)
    #expect(before.spec["storageClassName"] == nil)
    for (name, isDefault) in [("a", false), ("c", true), ("b", true)] {
      _ = try await server.post(classes, storageClass(name, isDefault: isDefault)).object(201)
    }
    // Made within one second, b is the first by name; else c is the older one.
    let made = try await space.create(.persistentVolumeClaims, claim("made")).object(201)
    #expect(made.spec["storageClassName"] == "b")
    let none = try await space.create(.persistentVolumeClaims, claim("none", ["storageClassName": ""])).object(201)
    #expect(none.spec["storageClassName"] == "")
    let named = try await space.create(.persistentVolumeClaims, claim("named", ["storageClassName": "a"])).object(201)
    #expect(named.spec["storageClassName"] == "a")
  }

  @Test func ingressesGetTheDefaultClass() async throws {
    let server = try await TestServer()
    let space = try await server.namespace()
    func ingress(_ name: String, annotations: JSON? = nil) -> JSON {
      var ingress: JSON = [
        "metadata": ["name": .string(name)],
        "spec": ["defaultBackend": ["service": ["name": "web", "port": ["number": 80]]]],
      ]
      ingress[path: "metadata", "annotations"] = annotations
      return ingress
    }
    #expect(try await space.create(.ingresses, ingress("a")).object(201).spec["ingressClassName"] == nil)
    _ = try await server.post(
      ResourceKind.ingressClasses.collectionPath(),
      [
        "metadata": [
          "name": "main", "annotations": ["ingressclass.kubernetes.io/is-default-class": "true"],
        ], "spec": ["controller": "x.example/c"],
      ]
    ).object(201)
    #expect(try await space.create(.ingresses, ingress("b")).object(201).spec["ingressClassName"] == "main")
    let old = try await space.create(.ingresses, ingress("c", annotations: ["kubernetes.io/ingress.class": "x"]))
    #expect(try old.object(201).spec["ingressClassName"] == nil)
  }

  @Test func runtimeClassesAreThePods() async throws {
    let server = try await TestServer()
    let space = try await server.namespace()
    func pod(_ name: String, _ members: JSON) -> JSON {
      var pod = TestObjects.pod(name)
      for member in members.object?.members ?? [] { pod[path: "spec", member.key] = member.value }
      return pod
    }
    try await space.create(.pods, pod("p", ["runtimeClassName": "vm"])).refused(
      403, "Forbidden", #"pods "p" is forbidden: pod rejected: RuntimeClass "vm" not found"#)
    _ = try await server.post(
      ResourceKind.runtimeClasses.collectionPath(),
      [
        "metadata": ["name": "vm"], "handler": "vm", "overhead": ["podFixed": ["cpu": "250m"]],
        "scheduling": [
          "nodeSelector": ["vm": "yes"], "tolerations": [["key": "vm", "operator": "Exists"]],
        ],
      ]
    ).object(201)
    let made = try await space.create(
      .pods, pod("p", ["runtimeClassName": "vm", "nodeSelector": ["disk": "fast"]])
    ).object(201)
    #expect(made.spec["overhead"] == ["cpu": "250m"])
    #expect(made.spec["nodeSelector"] == ["disk": "fast", "vm": "yes"])
    #expect(made.spec["tolerations"]?.items.contains(["key": "vm", "operator": "Exists"]) == true)
    try await space.create(.pods, pod("q", ["runtimeClassName": "vm", "overhead": ["cpu": "1"]])).refused(
      403, "Forbidden",
      #"pods "q" is forbidden: pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"#)
    try await space.create(.pods, pod("q", ["overhead": ["cpu": "1"]])).refused(
      403, "Forbidden",
      #"pods "q" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"#)
    try await space.create(.pods, pod("q", ["runtimeClassName": "vm", "nodeSelector": ["vm": "no"]])).refused(
      403, "Forbidden",
      #"pods "q" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[vm] = yes; pod.spec.nodeSelector[vm] = no"#
    )
  }

  @Test func storageInUseIsProtected() async throws {
    let space = try await TestServer.shared.namespace()
    let made = try await space.create(.persistentVolumeClaims, claim("a")).object(201)
    #expect(made.finalizers == ["kubernetes.io/pvc-protection"])
    #expect(try await space.server.delete(space.path(.persistentVolumeClaims, "a")).object().isTerminating)
    _ = try await space.server.patch(space.path(.persistentVolumeClaims, "a"), ["metadata": ["finalizers": .null]])
      .object()
    #expect(try await space.get(.persistentVolumeClaims, "a").code == 404)
    let name = "\(space.name)-v"
    let volume = try await space.server.post(
      ResourceKind.persistentVolumes.collectionPath(),
      [
        "metadata": ["name": .string(name), "finalizers": ["x.example/y"]],
        "spec": [
          "capacity": ["storage": "1Gi"], "accessModes": ["ReadWriteOnce"], "hostPath": ["path": "/tmp/x"],
        ],
      ]
    ).object(201)
    #expect(volume.finalizers == ["x.example/y", "kubernetes.io/pv-protection"])
  }

  @Test func newNodesAreTainted() async throws {
    let server = try await TestServer()
    let taint: JSON = ["key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"]
    let nodes = ResourceKind.nodes.collectionPath()
    #expect(try await server.post(nodes, TestObjects.node("a")).object(201).spec["taints"] == [taint])
    var tainted = TestObjects.node("b")
    tainted[path: "spec", "taints"] = [["key": "x", "effect": "NoExecute"], taint]
    #expect(try await server.post(nodes, tainted).object(201).spec["taints"]?.items.count == 2)
    // Once it is gone it stays away.
    let freed = try await server.patch("\(nodes)/a", ["spec": ["taints": .null]]).object()
    #expect(freed.spec["taints"] == nil)
  }

  @Test func limitRangesCountWholePodsAndClaims() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(
      .limitRanges,
      [
        "metadata": ["name": "l"],
        "spec": [
          "limits": [
            ["type": "Pod", "max": ["cpu": "1"], "min": ["memory": "64Mi"], "maxLimitRequestRatio": ["cpu": "2"]],
            ["type": "PersistentVolumeClaim", "min": ["storage": "1Gi"], "max": ["storage": "10Gi"]],
          ]
        ],
      ]
    ).object(201)
    func pod(_ name: String, _ containers: JSON...) -> JSON {
      var pod = TestObjects.pod(name)
      pod[path: "spec", "containers"] = .array(
        containers.enumerated().map { ["name": .string("c\($0)"), "image": "i", "resources": $1] })
      return pod
    }
    let half: JSON = ["requests": ["cpu": "250m", "memory": "64Mi"], "limits": ["cpu": "500m"]]
    _ = try await space.create(.pods, pod("a", half, half)).object(201)
    try await space.create(.pods, pod("b", half, half, half)).refused(
      403, "Forbidden", #"pods "b" is forbidden: maximum cpu usage per Pod is 1, but limit is 1500m"#)
    try await space.create(.pods, pod("b", ["requests": ["cpu": "500m"], "limits": ["cpu": "500m"]])).refused(
      403, "Forbidden", #"pods "b" is forbidden: minimum memory usage per Pod is 64Mi.  No request is specified"#)
    try await space.create(
      .pods, pod("b", ["requests": ["cpu": "100m", "memory": "1Gi"], "limits": ["cpu": "500m"]])
    ).refused(
      403, "Forbidden",
      #"pods "b" is forbidden: cpu max limit to request ratio per Pod is 2, but provided ratio is 5.000000"#)
    func claim(_ name: String, _ size: JSON) -> JSON {
      var claim = self.claim(name)
      claim[path: "spec", "resources", "requests", "storage"] = size
      return claim
    }
    _ = try await space.create(.persistentVolumeClaims, claim("a", "10Gi")).object(201)
    try await space.create(.persistentVolumeClaims, claim("b", "11Gi")).refused(
      403, "Forbidden",
      #"persistentvolumeclaims "b" is forbidden: maximum storage usage per PersistentVolumeClaim is 10Gi, but request is 11Gi"#
    )
    try await space.create(.persistentVolumeClaims, claim("b", "100Mi")).refused(
      403, "Forbidden",
      #"persistentvolumeclaims "b" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 100Mi"#
    )
  }
}
