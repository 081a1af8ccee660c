import ContainerRuntime
import JSONTree
import KubernetesAPI
import Testing

@testable import NodeAgent

@Suite struct SecurityContextTests {
  private func make(
    _ own: JSON = [:], pod podContext: JSON = [:], image: (inout CRI.Image) -> Void = { _ in }
  ) throws -> CRI.LinuxContainerSecurityContext {
    var record = CRI.Image()
    image(&record)
    let container = testContainer("main", ["securityContext": own])
    return try SecurityContext.make(
      pod: testPod(containers: [container]) { $0[path: "spec", "securityContext"] = podContext },
      container: container, image: record, profiles: "/profiles")
  }

  @Test func theContainersWordGoesBeforeThePods() throws {
    let found = try make(
      ["runAsUser": 7], pod: ["runAsUser": 5, "runAsGroup": 6, "supplementalGroups": [8], "fsGroup": 9])
    #expect(found.runAsUser.value == 7)
    #expect(found.runAsGroup.value == 6)
    #expect(found.supplementalGroups == [8, 9])
  }

  @Test func withoutAWordTheImagesUserCounts() throws {
    #expect(try make { $0.uid.value = 33 }.runAsUser.value == 33)
    #expect(try make { $0.username = "web" }.runAsUsername == "web")
    #expect(try !make().hasRunAsUser)
    #expect(try make(["runAsGroup": 4]).runAsUser.value == 0)
  }

  @Test func rootIsRefusedWhereItMustNotBe() throws {
    #expect(throws: NodeAgentError.self) { try make(["runAsNonRoot": true]) }
    #expect(throws: NodeAgentError.self) { try make(["runAsNonRoot": true, "runAsUser": 0]) }
    #expect(throws: NodeAgentError.self) { try make(["runAsNonRoot": true]) { $0.username = "web" } }
    #expect(throws: NodeAgentError.self) { try make(pod: ["runAsNonRoot": true]) { $0.uid.value = 0 } }
    #expect(try make(["runAsNonRoot": true, "runAsUser": 1]).runAsUser.value == 1)
    #expect(try make(["runAsNonRoot": false], pod: ["runAsNonRoot": true]).runAsUser.value == 0)
  }

  @Test func whoIsToBlameForRootIsSaid() {
    let asked = #expect(throws: NodeAgentError.self) { try make(["runAsNonRoot": true, "runAsUser": 0]) }
    #expect(asked?.message.hasPrefix("container's runAsUser breaks non-root policy") == true)
    let images = #expect(throws: NodeAgentError.self) { try make(["runAsNonRoot": true]) { $0.uid.value = 0 } }
    #expect(images?.message.hasPrefix("container has runAsNonRoot and image will run as root") == true)
  }

  @Test func labelsAreHandedOn() throws {
    let found = try make(["seLinuxOptions": ["level": "s0:c1", "type": "t"]], pod: ["seLinuxOptions": ["user": "u"]])
    #expect(found.selinuxOptions.level == "s0:c1" && found.selinuxOptions.type == "t")
    #expect(found.selinuxOptions.user == "")
    #expect(try make(pod: ["seLinuxOptions": ["user": "u", "role": "r"]]).selinuxOptions.role == "r")
    #expect(try !make().hasSelinuxOptions)
    #expect(try make(["appArmorProfile": ["type": "Unconfined"]]).apparmor.profileType == .unconfined)
    #expect(try !make().hasApparmor)
  }

  @Test func rightsAreHandedOn() throws {
    let found = try make([
      "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
      "capabilities": ["add": ["NET_ADMIN"], "drop": ["ALL"]], "seccompProfile": ["type": "RuntimeDefault"],
    ])
    #expect(found.noNewPrivs)
    #expect(found.readonlyRootfs)
    #expect(found.capabilities.addCapabilities == ["NET_ADMIN"])
    #expect(found.capabilities.dropCapabilities == ["ALL"])
    #expect(found.seccomp.profileType == .runtimeDefault)
    #expect(found.maskedPaths.contains("/proc/kcore"))
    let privileged = try make(["privileged": true])
    #expect(privileged.privileged && privileged.maskedPaths.isEmpty && privileged.seccomp.profileType == .unconfined)
  }

  // MARK: Images

  @Test(arguments: [
    ("app", true), ("app:latest", true), ("app:1", false), ("reg.example:5000/app", true),
    ("reg.example:5000/app:1", false), ("app@sha256:00", false),
  ])
  func imagesThatMayChangeAreFetched(_ name: String, _ isMutable: Bool) {
    #expect(ImageName.isMutable(name) == isMutable)
  }

  @Test(arguments: [
    ("app", "docker.io"), ("library/app:1", "docker.io"), ("reg.example/app", "reg.example"),
    ("reg:5000/a/b", "reg:5000"), ("localhost/app", "localhost"),
  ])
  func registries(_ name: String, _ registry: String) {
    #expect(ImageName.qualified(name).prefix { $0 != "/" } == registry)
  }

  @Test func credentialsComeFromTheRegistrysEntry() {
    // {"auths":{"https://reg.example/v1":{"auth":"cm9ib3Q6YTpi"},"other":{"username":"x"}}}
    let encoded =
      "eyJhdXRocyI6eyJodHRwczovL3JlZy5leGFtcGxlL3YxIjp7ImF1dGgiOiJjbTlpYjNRNllUcGkifSwib3RoZXIiOnsidXNlcm5hbWUiOiJ4In19fQ=="
    let secrets: [String: JSON] = ["pull": ["data": [".dockerconfigjson": .string(encoded)]]]
    let pod = testPod { $0[path: "spec", "imagePullSecrets"] = [["name": "gone"], ["name": "pull"]] }
    let found = RegistryCredentials.find(for: "reg.example/app:1", pod: pod, secrets: secrets).first
    #expect(found?.username == "robot")
    #expect(found?.password == "a:b")
    #expect(RegistryCredentials.find(for: "elsewhere.example/app", pod: pod, secrets: secrets).isEmpty)
  }
}
