import SwitchboardTesting
import Testing

/// Every kind of record, asked for by a pod.
@Suite(.serialized) struct ClusterNameTests {
  private static let manifests = """
    apiVersion: v1
    kind: Service
    metadata: {name: crew}
    spec:
      clusterIP: None
      selector: {app: crew}
      ports: [{name: http, port: 8080}]
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: first, labels: {app: crew}}
    spec:
      hostname: captain
      subdomain: crew
      terminationGracePeriodSeconds: 0
      containers: [{name: main, image: "switchboard/busybox:1", command: [sleep, "86400"]}]
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: elsewhere}
    spec: {type: ExternalName, externalName: db.example.org}
    """

  @Test func recordsOfEveryKindAreAnswered() throws {
    try SharedLab.withNamespace("names") { lab in
      try lab.kubectl(
        "-n", "names", "apply", "-f", "-",
        input: Manifest.all(Self.manifests, Manifest.service("web"), Manifest.client()))
      try lab.kubectl("-n", "names", "wait", "--for=condition=Ready", "pod", "--all", "--timeout=30s")
      func field(_ object: String, _ path: String) throws -> String {
        try lab.kubectl("-n", "names", "get", object, "-o", "jsonpath={\(path)}")
      }
      // The answers to one question; a record that has just come about may need a moment.
      func ask(_ question: String) throws -> String {
        try lab.kubectl(
          "-n", "names", "exec", "client", "--", "sh", "-c",
          "for i in $(seq 50); do nslookup \(question) && break; usleep 100000; done")
      }
      let (service, pod) = (try field("service/web", ".spec.clusterIP"), try field("pod/first", ".status.podIP"))
      let zone = "names.svc.cluster.local"
      #expect(try ask("-type=a web.\(zone)").contains("Address: \(service)"))
      #expect(try ask("-type=srv _http._tcp.web.\(zone)").contains("0 100 80 web.\(zone)"))
      #expect(try ask(service).contains("name = web.\(zone)"))
      #expect(try ask("-type=a crew.\(zone)").contains("Address: \(pod)"))
      #expect(try ask("-type=a captain.crew.\(zone)").contains("Address: \(pod)"))
      #expect(try ask("-type=srv _http._tcp.crew.\(zone)").contains("8080 captain.crew.\(zone)"))
      #expect(try ask(pod).contains("name = captain.crew.\(zone)"))
      #expect(try ask("-type=cname elsewhere.\(zone)").contains("db.example.org"))
      // Programs of the C library go through the search list.
      #expect(
        try lab.kubectl("-n", "names", "exec", "client", "--", "curl", "-sk", "https://kubernetes.default/version")
          .contains("gitVersion"))
      #expect(try lab.kubectl("-n", "names", "exec", "first", "--", "hostname") == "captain")
    }
  }
}
