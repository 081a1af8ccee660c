import JSONTree
import KubernetesAPI
import Testing

@Suite struct PodSecurityTests {
  private func label(_ space: TestNamespace, _ labels: JSON) async throws -> Answer {
    try await space.server.patch("/api/v1/namespaces/\(space.name)", ["metadata": ["labels": labels]])
  }

  private func space(_ mode: String, _ level: JSON) async throws -> TestNamespace {
    let space = try await TestServer.shared.namespace()
    _ = try await label(space, ["pod-security.kubernetes.io/\(mode)": level]).object()
    return space
  }

  private func privileged(_ name: String) -> JSON {
    var pod = TestObjects.pod(name)
    pod[path: "spec", "containers"] = [
      ["name": "web", "image": "registry.example/web:1", "securityContext": ["privileged": true]]
    ]
    return pod
  }

  @Test func refusesWhatTheNamespaceDoesNotAllow() async throws {
    let space = try await space("enforce", "baseline")
    let status = try await space.create(.pods, privileged("p")).refused(
      403, "Forbidden",
      #"pods "p" is forbidden: violates PodSecurity "baseline:latest": privileged (container "web" must not set securityContext.privileged=true)"#
    )
    #expect(status[path: "details", "kind"] == "pods" && status[path: "details", "name"] == "p")
    let made = try await space.create(.pods, TestObjects.pod("q"))
    #expect(made.code == 201 && made.warnings.isEmpty)
    // Its controllers make no pods, but are not refused themselves.
    #expect(try await space.create(.deployments, TestObjects.deployment("d")).code == 201)
  }

  @Test func updatesCountWhereTheyMatter() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.pods, privileged("p")).object(201)
    _ = try await label(space, ["pod-security.kubernetes.io/enforce": "baseline"]).object()
    let path = space.path(.pods, "p")
    _ = try await space.server.patch(path, ["metadata": ["labels": ["a": "b"]]]).object()
    _ = try await space.server.patch(space.path(.pods, "p", "status"), ["status": ["phase": "Running"]]).object()
    let image: JSON = ["spec": ["containers": [["name": "web", "image": "registry.example/web:2"]]]]
    let refused = try await space.server.patch(path, image, as: .strategic)
    #expect(refused.code == 403 && refused.text.contains("violates PodSecurity"))
  }

  @Test func warnsOfPodsAndTemplates() async throws {
    let space = try await space("warn", "restricted")
    let warning =
      #"299 - "would violate PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false (container \"web\" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"web\" must set securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or container \"web\" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container \"web\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")""#
    #expect(try await space.create(.pods, TestObjects.pod("p")).warnings == [warning])
    let deployment = TestObjects.deployment("d")
    var template: JSON = deployment.spec["template"] ?? [:]
    let rest: [(ResourceKind, JSON)] = [
      (.deployments, deployment.spec), (.replicaSets, deployment.spec), (.statefulSets, deployment.spec),
      (.daemonSets, ["selector": deployment.spec["selector"] ?? [:], "template": template]),
      (.replicationControllers, ["selector": ["app": "web"], "template": template]),
    ]
    for (kind, spec) in rest {
      let made = try await space.create(kind, ["metadata": ["name": "w"], "spec": spec])
      #expect(made.code == 201 && made.warnings == [warning], "\(kind.plural): \(made)")
    }
    _ = try await space.create(.podTemplates, ["metadata": ["name": "w"], "template": template]).object(201)
    template[path: "spec", "restartPolicy"] = "Never"
    let job = try await space.create(.jobs, ["metadata": ["name": "w"], "spec": ["template": template]])
    #expect(job.code == 201 && job.warnings == [warning], "\(job)")
    let cron = try await space.create(
      .cronJobs,
      [
        "metadata": ["name": "w"],
        "spec": ["schedule": "0 0 * * *", "jobTemplate": ["spec": ["template": template]]],
      ])
    #expect(cron.code == 201 && cron.warnings == [warning], "\(cron)")
    // A change of the workload tells it again, one of its scale does not.
    let changed = try await space.server.patch(space.path(.deployments, "w"), ["metadata": ["labels": ["a": "b"]]])
    #expect(changed.warnings == [warning])
    let scaled = try await space.server.patch(space.path(.deployments, "w", "scale"), ["spec": ["replicas": 0]])
    #expect(scaled.code == 200 && scaled.warnings.isEmpty)
  }

  @Test func labelsAreChecked() async throws {
    let space = try await TestServer.shared.namespace()
    try await label(space, ["pod-security.kubernetes.io/enforce": "strict"]).refused(
      422, "Invalid",
      "Namespace \"\(space.name)\" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "
        + "\"strict\": must be one of privileged, baseline, restricted")
    let made = try await space.server.post(
      "/api/v1/namespaces",
      [
        "metadata": [
          "name": .string("\(space.name)-x"), "labels": ["pod-security.kubernetes.io/warn-version": "1"],
        ]
      ])
    #expect(made.code == 422 && made.text.contains(#"must be \"latest\" or \"v1.x\""#), "\(made)")
  }

  @Test func aStricterLabelNamesThePodsThatBreakIt() async throws {
    let space = try await TestServer.shared.namespace()
    for name in ["b", "a", "c"] { _ = try await space.create(.pods, privileged(name)).object(201) }
    var host = TestObjects.pod("h")
    host[path: "spec", "hostNetwork"] = true
    _ = try await space.create(.pods, host).object(201)
    let answer = try await label(space, ["pod-security.kubernetes.io/enforce": "baseline"])
    #expect(
      answer.warnings == [
        #"299 - "existing pods in namespace \"\#(space.name)\" violate the new PodSecurity enforce level \"baseline:latest\"""#,
        #"299 - "a (and 2 other pods): privileged""#, #"299 - "h: host namespaces""#,
      ])
    // The same again, and a weaker one, need no look.
    #expect(try await label(space, ["a": "b"]).warnings.isEmpty)
    #expect(try await label(space, ["pod-security.kubernetes.io/enforce": "privileged"]).warnings.isEmpty)
  }
}
