/// Everything `make bench` reports, in the order of the table. The bounds are the project's.
enum Figures {
  static let all = server + api + sizes + pods + services + policies + memory

  private static let server = [
    Figure(
      title: "API ready after the server's start, no data yet", series: .serverFresh, unit: .milliseconds,
      peers: [.measured("a bare process", .bareProcess), .stated("kube-apiserver + etcd 2.9 s")],
      bound: .atMost(300)),
    Figure(
      title: "API ready after the server's start, data there", series: .serverAgain, unit: .milliseconds,
      peers: [.measured("a bare process", .bareProcess), .stated("kube-apiserver + etcd 2.9 s")],
      bound: .atMost(300)),
  ]

  private static let api = [
    Figure(
      title: "API creates, 8 clients, each on disk before its answer", series: .creates, unit: .perSecond,
      peers: [.stated("kube-apiserver + etcd 572 /s, without fsync")], bound: .atLeast(3000)),
    Figure(
      title: "the same against one synchronous transaction a row", series: .creates, unit: .perSecond,
      peers: [.measured("bare one-row commits", .oneRowCommits)], bound: .atLeastTimes(4, .oneRowCommits)),
    Figure(
      title: "the answer to one of these creates", series: .createTime, statistic: .percentile99, unit: .milliseconds,
      peers: [], bound: .none),
    Figure(
      title: "server's processor time for one of them", series: .createCost, unit: .microseconds, peers: [],
      bound: .none),
    Figure(
      title: "GETs of one object, 8 TLS connections", series: .gets, unit: .perSecond,
      peers: [.measured("bare answers over HTTP and TLS", .bareAnswers), .stated("kube-apiserver + etcd 4,474 /s")],
      bound: .atLeast(25_000)),
    Figure(
      title: "server's processor time for one of them", series: .getCost, unit: .microseconds, peers: [], bound: .none),
    Figure(
      title: "list of 10,000 Services, 15 MB of JSON", series: .list, unit: .milliseconds,
      peers: [.stated("kube-apiserver + etcd 120 ms")], bound: .atMost(60)),
    Figure(
      title: "an update until each of 100 watchers has it", series: .event, statistic: .percentile99,
      unit: .milliseconds, peers: [], bound: .atMost(20)),
    Figure(
      title: "server's memory, 10,000 Services + 10,000 slices x 10", series: .loadedMemory, unit: .megabytes,
      peers: [.stated("kube-apiserver + etcd 770 MB")], bound: .atMost(150)),
    Figure(
      title: "the same after lists and reads of them all", series: .listedMemory, unit: .megabytes, peers: [],
      bound: .none),
  ]

  private static let sizes = [
    cost("1,000", .writeCost1k, .none), cost("3,000", .writeCost3k, .none), cost("10,000", .writeCost10k, .none),
    cost("30,000", .writeCost30k, .none), cost("100,000", .writeCost100k, .times(1.3, .writeCost1k)),
    Figure(
      title: "server's memory, 100,000 ConfigMaps", series: .memory100k, unit: .megabytes, peers: [], bound: .none),
  ]

  private static func cost(_ size: String, _ series: Series, _ bound: Figure.Bound) -> Figure {
    Figure(
      title: "server's processor time for a write, \(size) objects", series: series, unit: .microseconds, peers: [],
      bound: bound)
  }

  private static let pods = [
    Figure(
      title: "three nodes from nothing until a pod is ready", series: .firstPod, unit: .seconds,
      peers: [.stated("kind: about a minute")], bound: .atMost(5000)),
    Figure(
      title: "pod create to Ready, image present", series: .podReady, unit: .milliseconds,
      peers: [.measured("the bare CRI calls", .bareRuntime), .stated("kubelet 306 ms")],
      bound: .times(1.3, .bareRuntime)),
  ]

  private static let services =
    ServiceScale.allCases.flatMap { scale in
      [
        Figure(
          title: "EndpointSlice write to connection, \(scale.text) x 10", series: scale.toConnection,
          unit: .milliseconds,
          peers: scale == .thousand
            ? [.stated("kube-proxy 194 ms")] : scale == .tenThousand ? [.stated("kube-proxy 3,983 ms")] : [],
          bound: .atMost(5)),
        Figure(
          title: "the same", series: scale.toConnection, statistic: .percentile99, unit: .milliseconds, peers: [],
          bound: .atMost(20)),
        Figure(
          title: "a connection through a ClusterIP there, of a bare one", series: scale.connection, unit: .percent,
          peers: [], bound: .none),
      ]
    } + [
      Figure(
        title: "that bare connection", series: .bareConnection, unit: .milliseconds, peers: [], bound: .none),
      Figure(
        title: "the API's answer to that write", series: .sliceWrite, unit: .milliseconds, peers: [], bound: .none),
    ]
    + ServiceScale.allCases.map { scale in
      Figure(
        title: "first programming of \(scale.text) x 10", series: scale.programming, unit: .seconds,
        peers: scale == .tenThousand ? [.stated("kube-proxy 11.3 s")] : [],
        bound: scale == .tenThousand ? .atMost(1000) : .none)
    } + [
      Figure(
        title: "agent's memory with 10,000 x 10", series: .agentMemory10k, unit: .megabytes,
        peers: [.stated("kube-proxy + CoreDNS 695 MB")], bound: .atMost(120)),
      Figure(
        title: "endpoint furthest from its share, 3 endpoints", series: .balance3, unit: .percent, peers: [],
        bound: .atMost(5)),
      Figure(
        title: "endpoint furthest from its share, 7 endpoints", series: .balance7, unit: .percent, peers: [],
        bound: .atMost(5)),
      Figure(
        title: "endpoint furthest from its share, 100 endpoints", series: .balance100, unit: .percent,
        peers: [.stated("one standard deviation of 100 fair dice: 3.1 %")], bound: .atMost(5)),
      Figure(
        title: "round trips through a ClusterIP", series: .serviceRoundTrips, unit: .perSecond,
        peers: [.measured("straight to the pod", .podRoundTrips)], bound: .atLeastTimes(0.97, .podRoundTrips)),
      Figure(
        title: "one stream through a ClusterIP", series: .serviceThroughput, unit: .megabitsPerSecond,
        peers: [.measured("straight to the pod", .podThroughput)], bound: .atLeastTimes(0.97, .podThroughput)),
      Figure(
        title: "requests during ten rollouts, by name", series: .rolloutRequests, unit: .number, peers: [], bound: .none
      ),
      Figure(title: "those that failed", series: .rolloutFailures, unit: .number, peers: [], bound: .atMost(0)),
      Figure(
        title: "the slowest of them", series: .rolloutSlowest, unit: .milliseconds, peers: [], bound: .none),
    ]

  private static let policies = [
    Figure(
      title: "round trips between pods, 10,000 policies", series: .judgedRoundTrips, unit: .perSecond,
      peers: [.measured("without policies", .freeRoundTrips)], bound: .none),
    Figure(title: "share of those without", series: .judgedShare, unit: .percent, peers: [], bound: .atLeast(97)),
    Figure(
      title: "the same, lower end of the rounds", series: .judgedShare, statistic: .percentile5, unit: .percent,
      peers: [], bound: .none),
    Figure(
      title: "the same, upper end of the rounds", series: .judgedShare, statistic: .percentile95, unit: .percent,
      peers: [], bound: .none),
    Figure(
      title: "a new connection between pods, 10,000 policies", series: .judgedConnection, unit: .milliseconds,
      peers: [.measured("without policies", .freeConnection)], bound: .none),
    Figure(
      title: "a new pod's address until its policies are in force", series: .policyOfNewPod,
      statistic: .percentile99, unit: .milliseconds, peers: [], bound: .atMost(10)),
    Figure(
      title: "its address until others' policies let it in", series: .allowanceOfNewPod, statistic: .percentile99,
      unit: .milliseconds, peers: [], bound: .atMost(10)),
    Figure(
      title: "policy write until in force on 3 nodes, 1,000 of 1,000", series: .policyWrite, unit: .milliseconds,
      peers: [], bound: .atMost(20)),
    Figure(
      title: "the same", series: .policyWrite, statistic: .percentile99, unit: .milliseconds, peers: [], bound: .none),
    Figure(
      title: "planning 10,000 pods x 1,000 policies from cold", series: .policyPlanning, unit: .milliseconds,
      peers: [], bound: .atMost(1000)),
    Figure(
      title: "memory of a process that has done so", series: .policyPlanningMemory, unit: .megabytes, peers: [],
      bound: .atMost(150)),
    Figure(
      title: "switchboard explain, 10,000 pods", series: .explain, unit: .milliseconds, peers: [], bound: .atMost(50)),
  ]

  private static let memory = [
    Figure(
      title: "server's memory, idle", series: .serverMemory, unit: .megabytes,
      peers: [.measured("containerd", .containerdMemory), .stated("kube-apiserver + etcd 318 MB")],
      bound: .atMost(50)),
    Figure(
      title: "agent's memory, idle", series: .agentMemory, unit: .megabytes,
      peers: [.measured("containerd", .containerdMemory)], bound: .atMost(50)),
  ]
}
