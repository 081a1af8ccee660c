/// What is sampled. Times are in milliseconds, memory is in megabytes (10^6 bytes), the rest says what it is in.
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
  /// Answered requests a second.
  case creates = "api-creates"
  case gets = "api-gets"
  /// Synchronous transactions of one row a second, on the disk that the server writes to.
  case oneRowCommits = "one-row-commits"
  /// The server's processor time for one of them, in microseconds.
  case createCost = "api-create-cost"
  case getCost = "api-get-cost"
  case createTime = "api-create-time"
  /// The whole list of 10,000 Services, to its last byte.
  case list = "api-list"
  /// From sending an update until one of 100 watchers has it.
  case event = "api-event"
  /// The server with 10,000 Services and 10,000 slices: before anybody read them, and after.
  case loadedMemory = "server-memory-loaded"
  case listedMemory = "server-memory-listed"
  case memory100k = "server-memory-100k"
  /// Processor time of the server for one write, in microseconds, by the number of objects of the kind.
  case writeCost1k = "write-cost-1k"
  case writeCost3k = "write-cost-3k"
  case writeCost10k = "write-cost-10k"
  case writeCost30k = "write-cost-30k"
  case writeCost100k = "write-cost-100k"
}
