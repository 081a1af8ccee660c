/// What is sampled. Times are in milliseconds, memory is in megabytes (10^6 bytes).
enum Series: String, CaseIterable, Sendable {
  /// Start of the server on an empty data folder, and on one with data, until its API is ready.
  case serverFresh = "server-start-fresh"
  case serverAgain = "server-start-again"
  /// Start and end of the same program with nothing to do.
  case bareProcess = "bare-process"
  /// From the start of `lab run` until a pod, made as soon as the nodes were ready, is ready too.
  case firstPod = "lab-to-first-pod"
  case podReady = "pod-create-to-ready"
  /// The container runtime's calls for the same container, on the same node.
  case bareRuntime = "bare-runtime-calls"
  /// From the API's answer to the write of an EndpointSlice until the first connection through the ClusterIP.
  case sliceToConnection = "slice-to-connection"
  /// How long the API took for that answer.
  case sliceWrite = "slice-write"
  /// A connection straight to the endpoint, from the same network namespace.
  case bareConnection = "bare-connection"
  case serverMemory = "server-memory"
  case agentMemory = "agent-memory"
  case containerdMemory = "containerd-memory"
}
