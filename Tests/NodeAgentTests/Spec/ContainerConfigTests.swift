import ContainerRuntime
import JSONTree
import KubernetesAPI
import NetworkTypes
import Testing

@testable import NodeAgent

@Suite struct ContainerConfigTests {
  private func config(
    _ container: JSONObject, volumes: [String: String] = [:], attempt: UInt32 = 0,
    subPaths: [Int: String] = [:], podVolumes: [JSON] = []
  ) throws -> CRI.ContainerConfig {
    let pod = testPod(containers: [testContainer("main", container)]) {
      $0[path: "metadata", "uid"] = "u-1"
      $0[path: "metadata", "labels"] = ["app": "web"]
      $0[path: "spec", "volumes"] = .array(podVolumes)
    }
    var configuration = NodeAgentConfiguration(nodeName: "node-1", nodeAddresses: [])
    configuration.stateDirectory = "/state"
    let builder = ContainerConfigBuilder(
      pod: pod, configuration: configuration,
      environment: EnvironmentBuilder(field: .test(pod), services: [], configMaps: [:], secrets: [:]),
      volumePaths: volumes, nodeMemory: 8 << 30, subPaths: subPaths)
    return try builder.config(
      for: pod.containers[0], attempt: attempt, image: CRI.Image(), imageReference: "sha256:x")
  }

  private func mounts(_ config: CRI.ContainerConfig) -> [String] {
    config.mounts.map { "\($0.hostPath):\($0.containerPath)\($0.readonly ? ":ro" : "")" }
  }

  @Test func theContainersOwnText() throws {
    let found = try config(
      [
        "command": ["run", "$(A)"], "args": ["$(B)", "$$(A)"], "workingDir": "/srv", "stdin": true, "tty": true,
        "env": [["name": "A", "value": "1"]],
      ], attempt: 3)
    #expect(found.command == ["run", "1"])
    #expect(found.args == ["$(B)", "$(A)"])
    #expect(found.workingDir == "/srv")
    #expect(found.stdin && found.tty && !found.stdinOnce)
    #expect(found.logPath == "main/3.log")
    #expect(found.metadata.attempt == 3)
    #expect(found.image.image == "sha256:x")
    #expect(found.image.userSpecifiedImage == "app:1")
    #expect(found.labels["io.kubernetes.pod.uid"] == "u-1")
    #expect(found.labels["io.kubernetes.container.name"] == "main")
  }

  @Test func volumesAreMounted() throws {
    let found = try config(
      [
        "volumeMounts": [
          ["name": "data", "mountPath": "/data", "readOnly": true],
          ["name": "data", "mountPath": "rel", "mountPropagation": "HostToContainer"],
        ], "terminationMessagePath": "/dev/termination-log",
      ], volumes: ["data": "/host/data"], attempt: 2)
    #expect(
      mounts(found) == [
        "/host/data:/data:ro", "/host/data:/rel", "/state/pods/u-1/etc-hosts:/etc/hosts",
        "/state/pods/u-1/containers/main/2:/dev/termination-log",
      ])
    #expect(found.mounts.map(\.propagation).prefix(2) == [.propagationPrivate, .propagationHostToContainer])
  }

  @Test func aPartOfAVolumeIsMountedInsteadOfTheWhole() throws {
    let container: JSONObject = [
      "volumeMounts": [
        ["name": "data", "mountPath": "/a"], ["name": "data", "mountPath": "/b", "subPath": "part", "readOnly": true],
      ]
    ]
    let found = try config(container, volumes: ["data": "/host/data"], subPaths: [1: "/state/part"])
    #expect(mounts(found).prefix(2) == ["/host/data:/a", "/state/part:/b:ro"])
  }

  @Test(arguments: ["configMap", "secret", "downwardAPI", "projected"])
  func whatTheAPIWritesIsReadOnly(_ kind: String) throws {
    let found = try config(
      ["volumeMounts": [["name": "v", "mountPath": "/v"], ["name": "e", "mountPath": "/e"]]],
      volumes: ["v": "/host/v", "e": "/host/e"],
      podVolumes: [.object(["name": "v", "\(kind)": [:]]), ["name": "e", "emptyDir": [:]]])
    #expect(mounts(found).prefix(2) == ["/host/v:/v:ro", "/host/e:/e"])
  }

  @Test func aVolumeMayTakeThePlaceOfTheHostsFile() throws {
    let found = try config(["volumeMounts": [["name": "h", "mountPath": "/etc/hosts"]]], volumes: ["h": "/mine"])
    #expect(mounts(found) == ["/mine:/etc/hosts"])
  }

  @Test func aProfileOfTheNodeIsNamed() throws {
    let found = try config([
      "securityContext": ["seccompProfile": ["type": "Localhost", "localhostProfile": "strict/a.json"]]
    ])
    #expect(found.linux.securityContext.seccomp.profileType == .localhost)
    #expect(found.linux.securityContext.seccomp.localhostRef == "/state/seccomp/strict/a.json")
    #expect(throws: NodeAgentError.self) {
      try config(["securityContext": ["seccompProfile": ["type": "Localhost"]]])
    }
  }

  @Test func aSignalThatIsNoneIsRefused() {
    #expect(throws: NodeAgentError.self) { try config(["lifecycle": ["stopSignal": "SIGNONE"]]) }
  }

  @Test func anUnknownVolumeIsNamed() {
    #expect(throws: NodeAgentError.self) { try config(["volumeMounts": [["name": "none", "mountPath": "/x"]]]) }
  }

  // MARK: Resources

  @Test(
    arguments: [
      ([:], 2, 0, 0), (["requests": ["cpu": "500m"]], 512, 0, 0),
      (["limits": ["cpu": "1500m", "memory": "64Mi"]], 1536, 150_000, 64 << 20),
      (["requests": ["cpu": "1m"], "limits": ["cpu": "5m"]], 2, 1000, 0),
    ] as [(JSON, Int64, Int64, Int64)])
  func resourcesBecomeCgroupValues(_ resources: JSON, _ shares: Int64, _ quota: Int64, _ memory: Int64) throws {
    let found = try config(["resources": resources]).linux.resources
    #expect(found.cpuShares == shares)
    #expect(found.cpuQuota == quota)
    #expect(found.memoryLimitInBytes == memory)
    #expect(found.cpuPeriod == (quota == 0 ? 0 : 100_000))
  }

  @Test(
    arguments: [
      ([:], .bestEffort, 1000), (["requests": ["cpu": "1"]], .burstable, 999),
      (["requests": ["memory": "4Gi"], "limits": ["memory": "8Gi"]], .burstable, 500),
      (["limits": ["cpu": "1", "memory": "1Gi"]], .guaranteed, -997),
      (
        ["requests": ["cpu": "1000m", "memory": "1Gi"], "limits": ["cpu": "1", "memory": "1024Mi"]], .guaranteed, -997
      ),
      (["requests": ["cpu": "1", "memory": "1Gi"], "limits": ["cpu": "2", "memory": "1Gi"]], .burstable, 875),
      (["requests": ["cpu": "0"], "limits": ["memory": "0"]], .bestEffort, 1000),
    ] as [(JSON, QualityOfService, Int64)])
  func theClassFollowsFromRequestsAndLimits(_ resources: JSON, _ quality: QualityOfService, _ score: Int64) throws {
    let pod = testPod(containers: [testContainer("main", ["resources": resources])])
    #expect(QualityOfService(pod: pod) == quality)
    #expect(try config(["resources": resources]).linux.resources.oomScoreAdj == score)
  }
}
