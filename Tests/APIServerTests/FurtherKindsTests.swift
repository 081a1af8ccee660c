import HTTPTypes
import JSONTree
import KubernetesAPI
import Testing

@testable import APIServer

/// Each kind is made, read, changed, listed as a table and removed, as any client would.
@Suite struct FurtherKindsTests {
  struct Sample: Sendable, CustomTestStringConvertible {
    let kind: ResourceKind
    let name: String
    let content: JSON

    init(_ kind: ResourceKind, name: String = "sample", _ content: JSON) {
      self.kind = kind
      self.name = name
      self.content = content
    }

    var testDescription: String { kind.kind }

    func object(_ suffix: String) -> JSON {
      var object = content
      object["apiVersion"] = .string(kind.apiVersion)
      object["kind"] = .string(kind.kind)
      object["metadata"] = ["name": .string(kind == .ipAddresses ? name : name + suffix)]
      return object
    }
  }

  private static let template: JSON = [
    "metadata": ["labels": ["app": "web"]], "spec": ["containers": [["name": "web", "image": "web:1"]]],
  ]
  private static let once: JSON = [
    "spec": ["restartPolicy": "Never", "containers": [["name": "work", "image": "work:1"]]]
  ]
  private static let selector: JSON = ["matchLabels": ["app": "web"]]
  private static let rules: JSON = [["apiGroups": [""], "resources": ["pods"], "verbs": ["get"]]]
  private static let claim: JSON = ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]]]

  static let samples: [Sample] = [
    Sample(.replicationControllers, ["spec": ["replicas": 1, "template": template]]),
    Sample(.podTemplates, ["template": template]),
    Sample(.resourceQuotas, ["spec": ["hard": ["pods": "3"]]]),
    Sample(.limitRanges, ["spec": ["limits": [["type": "Container", "max": ["cpu": "1"]]]]]),
    Sample(.statefulSets, ["spec": ["serviceName": "web", "selector": selector, "template": template]]),
    Sample(.daemonSets, ["spec": ["selector": selector, "template": template]]),
    Sample(.controllerRevisions, ["revision": 1, "data": ["spec": [:]]]),
    Sample(.jobs, ["spec": ["template": once]]),
    Sample(.cronJobs, ["spec": ["schedule": "*/5 * * * *", "jobTemplate": ["spec": ["template": once]]]]),
    Sample(
      .horizontalPodAutoscalers,
      ["spec": ["maxReplicas": 3, "scaleTargetRef": ["apiVersion": "apps/v1", "kind": "Deployment", "name": "web"]]]),
    Sample(.podDisruptionBudgets, ["spec": ["minAvailable": 1, "selector": selector]]),
    Sample(.priorityClasses, ["value": 10]),
    Sample(
      .flowSchemas,
      [
        "spec": [
          "priorityLevelConfiguration": ["name": "global-default"],
          "rules": [
            [
              "subjects": [["kind": "User", "user": ["name": "nobody"]]],
              "nonResourceRules": [["verbs": ["*"], "nonResourceURLs": ["*"]]],
            ]
          ],
        ]
      ]),
    Sample(.priorityLevels, ["spec": ["type": "Limited", "limited": ["limitResponse": ["type": "Reject"]]]]),
    Sample(
      .persistentVolumes,
      ["spec": ["capacity": ["storage": "1Gi"], "accessModes": ["ReadWriteOnce"], "hostPath": ["path": "/data"]]]),
    Sample(.persistentVolumeClaims, ["spec": claim]),
    Sample(
      .ingresses,
      [
        "spec": [
          "rules": [
            [
              "host": "shop.example",
              "http": [
                "paths": [
                  [
                    "path": "/", "pathType": "Prefix",
                    "backend": ["service": ["name": "web", "port": ["number": 80]]],
                  ]
                ]
              ],
            ]
          ]
        ]
      ]),
    Sample(.ingressClasses, ["spec": ["controller": "switchboard.example/ingress"]]),
    Sample(.networkPolicies, ["spec": ["podSelector": [:], "ingress": [["ports": [["port": 80]]]]]]),
    Sample(
      .ipAddresses, name: "10.96.7.7",
      ["spec": ["parentRef": ["resource": "services", "namespace": "default", "name": "web"]]]),
    Sample(.serviceCIDRs, ["spec": ["cidrs": ["10.200.0.0/24"]]]),
    Sample(.runtimeClasses, ["handler": "runc"]),
    Sample(.storageClasses, ["provisioner": "switchboard.example/local"]),
    Sample(
      .volumeAttachments,
      ["spec": ["attacher": "csi.example", "nodeName": "one", "source": ["persistentVolumeName": "data"]]]),
    Sample(.csiDrivers, ["spec": [:]]),
    Sample(.csiNodes, ["spec": ["drivers": [["name": "csi.example", "nodeID": "one"]]]]),
    Sample(.csiStorageCapacities, ["storageClassName": "fast", "capacity": "1Gi"]),
    Sample(.volumeAttributesClasses, ["driverName": "csi.example", "parameters": ["speed": "high"]]),
    Sample(.roles, ["rules": rules]),
    Sample(.clusterRoles, ["rules": rules]),
    Sample(
      .roleBindings,
      ["roleRef": ["kind": "Role", "name": "sample"], "subjects": [["kind": "User", "name": "anna"]]]),
    Sample(
      .clusterRoleBindings,
      ["roleRef": ["kind": "ClusterRole", "name": "sample"], "subjects": [["kind": "Group", "name": "team"]]]),
  ]

  @Test func everyServedKindIsTried() {
    let before: Set<ResourceKind> = [
      .namespaces, .nodes, .pods, .services, .endpoints, .configMaps, .secrets, .serviceAccounts, .coreEvents,
      .deployments, .replicaSets, .leases, .endpointSlices, .events,
    ]
    #expect(Set(ResourceKind.served).subtracting(before) == Set(Self.samples.map(\.kind)))
  }

  @Test(arguments: samples) func livesAsAnyOther(_ sample: Sample) async throws {
    let server = try await TestServer.shared
    let space = try await server.namespace()
    let kind = sample.kind
    let object = sample.object("-\(space.name)")
    let collection = kind.collectionPath(namespace: space.name)
    let path = kind.objectPath(namespace: space.name, name: object.name)
    let strict = "?fieldValidation=Strict"

    let made = try await server.post(collection + strict, object).object(201)
    #expect(made.uid != "" && made.resourceVersion != "")
    // What it is made from is in it, whatever was added.
    #expect(Self.holds(made, object), "\(made)")
    try await server.post(collection, object).refused(
      409, "AlreadyExists", "\(kind.qualifiedResource) \"\(object.name)\" already exists")
    var unknown = object
    unknown["nobody"] = 1
    #expect(try await server.post(collection + strict, unknown).code == 400)

    let labelled = try await server.patch(path, ["metadata": ["labels": ["tier": "front"]]]).object()
    #expect(labelled.labels["tier"] == "front" && labelled.resourceVersion != made.resourceVersion)
    // A second write of the same changes nothing: the defaults are stable.
    let again = try await server.put(path, labelled).object()
    #expect(again == labelled)
    let found = try await server.get("\(collection)?labelSelector=tier%3Dfront").object()["items"]?.items ?? []
    #expect(found.contains { $0.name == object.name })

    if kind.subresources.contains("status") {
      var changed = again
      changed["spec"] = [:]
      #expect(try await server.put("\(path)/status", changed).object()["spec"] == again["spec"])
    }
    let table = try await server.get(collection, accept: "application/json;as=Table;v=v1;g=meta.k8s.io").object()
    let columns = table["columnDefinitions"]?.items.count ?? 0
    let rows = table["rows"]?.items ?? []
    #expect(!rows.isEmpty && rows.allSatisfy { $0["cells"]?.items.count == columns })

    #expect(try await server.send(.delete, path).code == 200)
    // Storage waits for a controller to find that nothing uses it.
    if [.persistentVolumes, .persistentVolumeClaims].contains(kind) {
      #expect(try await server.get(path).object().isTerminating)
      _ = try await server.patch(path, ["metadata": ["finalizers": .null]]).object()
    }
    #expect(try await server.get(path).code == 404)
  }

  /// Whether every member of `part` stands in `whole`.
  static func holds(_ whole: JSON, _ part: JSON) -> Bool {
    switch (whole, part) {
    case (.object(let whole), .object(let part)):
      part.members.allSatisfy { member in whole[member.key].map { holds($0, member.value) } ?? false }
    case (.array(let whole), .array(let part)):
      whole.count == part.count && zip(whole, part).allSatisfy { holds($0, $1) }
    default: whole == part
    }
  }

  @Test func replicationControllersScale() async throws {
    let space = try await TestServer.shared.namespace()
    let sample = try #require(Self.samples.first { $0.kind == .replicationControllers })
    _ = try await space.create(.replicationControllers, sample.object("")).object(201)
    let path = ResourceKind.replicationControllers.objectPath(
      namespace: space.name, name: "sample", subresource: "scale")
    let scale = try await space.server.get(path).object()
    #expect(scale[path: "status", "selector"] == "app=web" && scale[path: "spec", "replicas"] == 1)
  }

  @Test func jobsKnowTheirPods() async throws {
    let space = try await TestServer.shared.namespace()
    let sample = try #require(Self.samples.first { $0.kind == .jobs })
    let job = try await space.create(.jobs, sample.object("")).object(201)
    let uid = JSON.string(job.uid)
    #expect(job.spec[path: "selector", "matchLabels"] == ["batch.kubernetes.io/controller-uid": uid])
    let labels = job.spec[path: "template", "metadata", "labels"]
    #expect(labels?["job-name"] == "sample" && labels?["batch.kubernetes.io/controller-uid"] == uid)
    #expect(job.spec["completions"] == 1 && job.spec["backoffLimit"] == 6)
  }

  @Test(arguments: [
    (
      ResourceKind.ingresses, #"{"spec":{}}"#,
      #"Ingress.networking.k8s.io "x" is invalid: spec: Invalid value: []: either `defaultBackend` or `rules` must be specified"#
    ),
    (
      .networkPolicies,
      #"{"spec":{"podSelector":{},"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["11.0.0.0/9"]}}]}]}}"#,
      #"NetworkPolicy.networking.k8s.io "x" is invalid: spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/9": must be a strict subset of `cidr`"#
    ),
    (
      .podDisruptionBudgets, #"{"spec":{"minAvailable":1,"maxUnavailable":1}}"#,
      #"PodDisruptionBudget.policy "x" is invalid: spec: Invalid value: 1: minAvailable and maxUnavailable cannot be both set"#
    ),
    (
      .resourceQuotas, #"{"spec":{"hard":{"nonsense":"1"}}}"#,
      #"ResourceQuota "x" is invalid: spec.hard[nonsense]: Invalid value: "nonsense": must be a standard resource for quota"#
    ),
    (
      .roleBindings, #"{"roleRef":{"kind":"Nothing","name":"x"}}"#,
      #"RoleBinding.rbac.authorization.k8s.io "x" is invalid: roleRef.kind: Unsupported value: "Nothing": supported values: "ClusterRole", "Role""#
    ),
    (
      .cronJobs,
      #"{"spec":{"schedule":"61 * * * *","jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}}}"#,
      #"CronJob.batch "x" is invalid: spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61"#
    ),
    (
      .priorityClasses, #"{"value":2000000000}"#,
      #"PriorityClass.scheduling.k8s.io "x" is invalid: value: Forbidden: maximum allowed value of a user defined priority is 1000000000"#
    ),
  ]) func faultsAreNamed(_ kind: ResourceKind, _ text: String, _ message: String) async throws {
    let space = try await TestServer.shared.namespace()
    var object = try JSON.parse(text)
    object["apiVersion"] = .string(kind.apiVersion)
    object["kind"] = .string(kind.kind)
    object["metadata"] = ["name": "x"]
    try await space.server.post(kind.collectionPath(namespace: space.name), object).refused(422, "Invalid", message)
  }
}
