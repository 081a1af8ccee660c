import JSONTree
import KubernetesAPI
import Testing

@testable import NodeAgent

/// What a pod's worker answers the node's server.
@Suite(.timeLimit(.minutes(5))) struct QueryTests {
  @Test func logsAreThoseOfTheNewestRunAndTheOneBefore() async throws {
    let agent = try TestAgent()
    let uid = agent.add(testPod()).uid
    let folder = "\(agent.folder.path)/logs/default_web_\(uid)/main"
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      let worker = try #require(await agent.worker("web"))
      await #expect(throws: NodeAgentError.self) { try await worker.logSource("main", previous: true) }
      await #expect(throws: NodeAgentError.self) { try await worker.logSource("none", previous: false) }
      let first = try #require(await worker.runningContainerID("main"))
      agent.runtime.exit("main", code: 1)
      await eventually("it was restarted") { agent.containerStatus("main")?["restartCount"] == 1 && agent.isReady }
      #expect(try await worker.logSource("main", previous: false).path == "\(folder)/1.log")
      #expect(try await worker.logSource("main", previous: true).path == "\(folder)/0.log")
      #expect(await !worker.isRunning(containerID: first))
      // While it waits to run again, the run that ended is both.
      agent.runtime.exit("main", code: 1)
      await eventually("it waits") { agent.waitingReason("main") == "CrashLoopBackOff" }
      #expect(try await worker.logSource("main", previous: false).path == "\(folder)/1.log")
      #expect(try await worker.logSource("main", previous: true).path == "\(folder)/1.log")
      #expect(await worker.runningContainerID("main") == nil)
    }
  }

  @Test func aContainerThatHasNotBegunHasNoLog() async throws {
    let agent = try TestAgent()
    agent.add(testPod(containers: [testContainer("main", ["image": "far:1"])]))
    try await agent.run {
      await eventually("it waits") { agent.waitingReason("main") == "ErrImagePull" }
      let worker = try #require(await agent.worker("web"))
      let error = await #expect(throws: NodeAgentError.self) { try await worker.logSource("main", previous: false) }
      #expect(error?.message == "container \"main\" in pod \"web\" is waiting to start: ErrImagePull")
    }
  }
}
