import ContainerRuntime
import KubernetesAPI
import Testing

/// The fake refuses what the agent's tests rely on it to refuse.
@Suite struct FakeRuntimeTests {
  private func sandbox(attempt: UInt32 = 0) -> CRI.PodSandboxConfig {
    var config = CRI.PodSandboxConfig()
    config.metadata.name = "web"
    config.metadata.uid = "u"
    config.metadata.attempt = attempt
    config.labels = ["io.kubernetes.pod.uid": "u"]
    return config
  }

  private func container(attempt: UInt32 = 0) -> CRI.ContainerConfig {
    var config = CRI.ContainerConfig()
    config.metadata.name = "main"
    config.metadata.attempt = attempt
    config.image.image = "sha256:app:1"
    config.labels = ["io.kubernetes.pod.uid": "u"]
    return config
  }

  /// Whether the call is refused as one that no agent makes.
  private func isRefused(_ runtime: FakeRuntime, _ call: () async throws -> Void) async -> Bool {
    let before = runtime.violations.count
    do {
      try await call()
      return false
    } catch { return runtime.violations.count == before + 1 }
  }

  @Test func aSoundLifeIsNotRefused() async throws {
    let runtime = FakeRuntime()
    let id = try await runtime.runSandbox(sandbox())
    let main = try await runtime.createContainer(container(), in: id, config: sandbox())
    try await runtime.startContainer(main)
    #expect(try await runtime.containerStatus(main).state == .containerRunning)
    try await runtime.stopContainer(main, graceSeconds: 1)
    #expect(try await runtime.containerStatus(main).exitCode == 143)
    try await runtime.stopSandbox(id)
    try await runtime.removeContainer(main)
    try await runtime.removeSandbox(id)
    // Stop and remove succeed where there is nothing left to do.
    try await runtime.removeContainer(main)
    try await runtime.stopSandbox(id)
    #expect(runtime.isEmpty)
    #expect(runtime.violations == [])
  }

  @Test func impossibleSandboxesAreRefused() async throws {
    let runtime = FakeRuntime()
    let id = try await runtime.runSandbox(sandbox())
    #expect(await isRefused(runtime) { _ = try await runtime.runSandbox(sandbox()) })
    #expect(await isRefused(runtime) { _ = try await runtime.runSandbox(sandbox(attempt: 1)) })
    #expect(await isRefused(runtime) { try await runtime.removeSandbox(id) })
    #expect(await isRefused(runtime) { try await runtime.stopSandbox("nobody") })
    _ = try await runtime.createContainer(container(), in: id, config: sandbox())
    try await runtime.stopSandbox(id)
    #expect(await isRefused(runtime) { try await runtime.removeSandbox(id) })
    #expect(await isRefused(runtime) { _ = try await runtime.runSandbox(sandbox()) })
    _ = try await runtime.runSandbox(sandbox(attempt: 1))
  }

  @Test func impossibleContainersAreRefused() async throws {
    let runtime = FakeRuntime()
    let id = try await runtime.runSandbox(sandbox())
    #expect(await isRefused(runtime) { try await runtime.startContainer("nobody") })
    #expect(
      await isRefused(runtime) { _ = try await runtime.createContainer(container(), in: "nobody", config: sandbox()) })
    #expect(
      await isRefused(runtime) {
        _ = try await runtime.createContainer(container(), in: id, config: sandbox(attempt: 3))
      })
    var foreign = container()
    foreign.image.image = "sha256:other"
    let unknown = foreign
    #expect(await isRefused(runtime) { _ = try await runtime.createContainer(unknown, in: id, config: sandbox()) })

    let main = try await runtime.createContainer(container(), in: id, config: sandbox())
    #expect(
      await isRefused(runtime) { _ = try await runtime.createContainer(container(), in: id, config: sandbox()) })
    try await runtime.startContainer(main)
    #expect(await isRefused(runtime) { try await runtime.startContainer(main) })
    #expect(await isRefused(runtime) { try await runtime.removeContainer(main) })
    #expect(
      await isRefused(runtime) {
        _ = try await runtime.createContainer(container(attempt: 1), in: id, config: sandbox())
      })
    try await runtime.stopSandbox(id)
    #expect(
      await isRefused(runtime) {
        _ = try await runtime.createContainer(container(attempt: 1), in: id, config: sandbox())
      })
  }
}
