import APIClient
import APITesting
import ContainerRuntime
import JSONTree
import KubernetesAPI
import Testing

@testable import NodeAgent

@Suite(.timeLimit(.minutes(5))) struct ImagePullTests {
  private func secret(_ name: String, _ user: String, for host: String) -> JSON {
    let content = #"{"auths":{"\#(host)":{"username":"\#(user)","password":"p"}}}"#
    return [
      "metadata": ["name": .string(name), "namespace": "default"], "type": "kubernetes.io/dockerconfigjson",
      "data": [".dockerconfigjson": .string(Base64.encode(Array(content.utf8)))],
    ]
  }

  private func pod(_ image: String, _ policy: String = "IfNotPresent") -> JSON {
    testPod(containers: [testContainer("main", ["image": .string(image), "imagePullPolicy": .string(policy)])]) {
      $0[path: "spec", "imagePullSecrets"] = [["name": "one"], ["name": "two"], ["name": "none"]]
    }
  }

  @Test func everyCredentialThatFitsIsTried() async throws {
    let agent = try TestAgent()
    agent.api.put(.secrets, secret("one", "stranger", for: "reg.example"))
    agent.api.put(.secrets, secret("two", "friend", for: "https://reg.example/v2/"))
    agent.runtime.allowPull(of: "reg.example/app:1", by: "friend")
    agent.add(pod("reg.example/app:1"))
    try await agent.run { await eventually("it runs") { agent.isReady } }
    #expect(
      agent.runtime.calls.filter { $0.hasPrefix("pull") }
        == ["pull reg.example/app:1 as stranger", "pull reg.example/app:1 as friend"])
    #expect(agent.events("Failed") == [])
  }

  @Test func whatEachCredentialMetIsSaid() async throws {
    let agent = try TestAgent()
    agent.api.put(.secrets, secret("one", "stranger", for: "reg.example"))
    agent.api.put(.secrets, secret("two", "foe", for: "reg.example"))
    agent.runtime.allowPull(of: "reg.example/app:1", by: "friend")
    agent.add(pod("reg.example/app:1"))
    try await agent.run { await eventually("it waits") { agent.waitingReason("main") == "ErrImagePull" } }
    let call = "rpc error: code = Unknown desc = "
    #expect(
      agent.containerStatus("main")?["state"]?["waiting"]?["message"]?.string
        == "[\(call)stranger is not let in, \(call)foe is not let in]")
  }

  @Test func strangersToTheRegistryAreNotTold() async throws {
    let agent = try TestAgent()
    agent.api.put(.secrets, secret("one", "me", for: "other.example"))
    agent.runtime.allowPull(of: "reg.example/app:1")
    agent.add(pod("reg.example/app:1"))
    try await agent.run { await eventually("it runs") { agent.isReady } }
    #expect(agent.runtime.calls.contains("pull reg.example/app:1"))
  }

  @Test func whatMayHaveChangedIsPulledAgain() async throws {
    let agent = try TestAgent()
    agent.runtime.allowPull(of: "app:1")
    agent.add(pod("app:1", "Always"))
    try await agent.run { await eventually("it runs") { agent.isReady } }
    #expect(agent.runtime.calls.contains("pull app:1"))
    #expect(agent.events("Pulled").first?.hasPrefix("Successfully pulled image \"app:1\"") == true)
  }

  @Test func aNameThatIsNoneIsNotPulled() async throws {
    let agent = try TestAgent()
    agent.add(pod("Far:1"))
    let message =
      "Failed to apply default image tag \"Far:1\": couldn't parse image name \"Far:1\": invalid reference format: "
      + "repository name (library/Far) must be lowercase"
    try await agent.run { await eventually("it waits") { agent.waitingReason("main") == "InvalidImageName" } }
    #expect(agent.containerStatus("main")?["state"]?["waiting"]?["message"]?.string == message)
    #expect(agent.events("InspectFailed") == [message])
    #expect(agent.events("Failed") == ["Error: InvalidImageName"])
  }

  // MARK: Names

  @Test(
    arguments: [
      ("app", nil), ("app:1.2-x_Y", nil), ("reg.example:5000/a/b_c/d__e/f--g:1", nil), ("localhost/app", nil),
      ("app@sha256:\(String(repeating: "0a", count: 32))", nil), ("UPPER.example/app", nil),
      ("", "invalid reference format"), ("a b", "invalid reference format"), ("app:", "invalid reference format"),
      ("app:-1", "invalid reference format"), ("a//b", "invalid reference format"),
      ("a___b", "invalid reference format"),
      ("app@sha256:12", "invalid reference format"), ("-app", "invalid reference format"),
      ("reg.example/App", "invalid reference format: repository name (reg.example/App) must be lowercase"),
    ] as [(String, String?)])
  func namesAreChecked(_ name: String, _ fault: String?) { #expect(ImageName.fault(in: name) == fault) }

  @Test(
    arguments: [
      ("busybox", "docker.io/library/busybox"), ("me/app:1", "docker.io/me/app"),
      ("index.docker.io/me/app", "docker.io/me/app"), ("reg.example:5000/a/b:1", "reg.example:5000/a/b"),
      ("localhost/app@sha256:0", "localhost/app"),
    ])
  func namesAreCompleted(_ name: String, _ full: String) { #expect(ImageName.qualified(name) == full) }

  @Test(
    arguments: [
      ("reg.example", "reg.example/app", true), ("reg.example", "reg.example:5000/app", false),
      ("reg.example:5000", "reg.example:5000/app", true), ("*.example", "reg.example/app", true),
      ("*.example", "a.reg.example/app", false), ("r*g.ex*le", "reg.example/app", true),
      ("r*x.example", "reg.example/app", false), ("reg.example/team", "reg.example/team/app", true),
      ("reg.example/team", "reg.example/other/app", false),
      ("https://index.docker.io/v1/", "docker.io/library/a", true),
      ("docker.io", "docker.io/library/a", true),
    ])
  func entriesFitTheirImages(_ entry: String, _ image: String, _ fits: Bool) {
    #expect(RegistryPattern(entry).matches(image) == fits)
  }

  @Test func theMoreParticularEntryGoesFirst() {
    let content = #"{"auths":{"reg.example":{"username":"all"},"reg.example/team":{"username":"team"}}}"#
    let secret: JSON = ["data": [".dockerconfigjson": .string(Base64.encode(Array(content.utf8)))]]
    let pod = testPod { $0[path: "spec", "imagePullSecrets"] = [["name": "s"]] }
    func users(_ image: String) -> [String] {
      RegistryCredentials.find(for: image, pod: pod, secrets: ["s": secret]).map(\.username)
    }
    #expect(users("reg.example/team/app:1") == ["team", "all"])
    #expect(users("reg.example/app") == ["all"])
  }
}
