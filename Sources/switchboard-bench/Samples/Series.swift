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
  case sliceToConnection100 = "slice-to-connection-100"
  case sliceToConnection = "slice-to-connection"
  case sliceToConnection10k = "slice-to-connection-10k"
  case sliceToConnection30k = "slice-to-connection-30k"
  /// A connection through a ClusterIP that is in force, in percent of a bare one, by the number of Services: the medians of
  /// rounds that had both in turn.
  case serviceConnection100 = "service-connection-100"
  case serviceConnection1k = "service-connection-1k"
  case serviceConnection10k = "service-connection-10k"
  case serviceConnection30k = "service-connection-30k"
  /// All Services put into a kernel that holds none, by their number.
  case programming100 = "programming-100"
  case programming1k = "programming-1k"
  case programming10k = "programming-10k"
  case programming30k = "programming-30k"
  /// An agent with 10,000 Services of ten endpoints.
  case agentMemory10k = "agent-memory-10k"
  /// Percent by which the endpoint that is furthest off differs from its share, by the number of endpoints.
  case balance3 = "balance-3"
  case balance7 = "balance-7"
  case balance100 = "balance-100"
  /// Of a Deployment's rollouts under load: requests, how many failed, and how long the slowest took.
  case rolloutRequests = "rollout-requests"
  case rolloutFailures = "rollout-failures"
  case rolloutSlowest = "rollout-slowest"
  /// Through a ClusterIP and straight to the pod, in turn: round trips a second, and megabits a second of one stream.
  case serviceRoundTrips = "service-round-trips"
  case podRoundTrips = "pod-round-trips"
  case serviceThroughput = "service-throughput"
  case podThroughput = "pod-throughput"
  /// How long the API took to answer the write of an EndpointSlice.
  case sliceWrite = "slice-write"
  /// A connection straight to the endpoint, from the same network namespace: the medians of the rounds of
  /// `serviceConnection100` and the like.
  case bareConnection = "bare-connection"
  /// Planning the policies of a node with 10,000 pods and 1,000 policies in the cluster, and the memory of a process that
  /// has done so.
  case policyPlanning = "policy-planning"
  case policyPlanningMemory = "policy-planning-memory"
  /// From an address until policies are in force: those of a pod of this node, and those that allow a pod elsewhere.
  case policyOfNewPod = "policy-of-new-pod"
  case allowanceOfNewPod = "allowance-of-new-pod"
  /// Between pods under 10,000 policies and under none, in turn: round trips a second, percent of the latter that the
  /// former are, and new connections.
  case judgedRoundTrips = "judged-round-trips"
  case freeRoundTrips = "free-round-trips"
  case judgedShare = "judged-share"
  case judgedConnection = "judged-connection"
  case freeConnection = "free-connection"
  /// From the API's answer to the write of a policy until a connection that it allows is taken on each node.
  case policyWrite = "policy-write"
  /// `switchboard explain` from start to end, among 10,000 pods.
  case explain = "explain"
  case serverMemory = "server-memory"
  case agentMemory = "agent-memory"
  case containerdMemory = "containerd-memory"
  /// Answered requests a second.
  case creates = "api-creates"
  case gets = "api-gets"
  /// Of as many bytes as those GETs, over HTTP and TLS, by a program that does nothing else.
  case bareAnswers = "bare-answers"
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
