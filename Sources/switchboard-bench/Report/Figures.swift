/// Everything `make bench` reports, in the order of the table. The bounds are the project's.
enum Figures {
  static let all = server + pods + services + memory

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

  private static let pods = [
    Figure(
      title: "three nodes from nothing until a pod is ready", series: .firstPod, unit: .seconds,
      peers: [.stated("kind: about a minute")], bound: .atMost(5000)),
    Figure(
      title: "pod create to Ready, image present", series: .podReady, unit: .milliseconds,
      peers: [.measured("the bare CRI calls", .bareRuntime), .stated("kubelet 306 ms")],
      bound: .times(1.3, .bareRuntime)),
  ]

  private static let services = [
    Figure(
      title: "EndpointSlice write to connection, 1,000 x 10", series: .sliceToConnection, unit: .milliseconds,
      peers: [.measured("a bare connection", .bareConnection), .stated("kube-proxy 194 ms")], bound: .atMost(5)),
    Figure(
      title: "EndpointSlice write to connection, 1,000 x 10", series: .sliceToConnection, statistic: .percentile99,
      unit: .milliseconds, peers: [.measured("a bare connection", .bareConnection)], bound: .none),
    Figure(
      title: "the API's answer to that write", series: .sliceWrite, unit: .milliseconds, peers: [], bound: .none),
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
