import JSONTree
import Testing

@testable import KubernetesAPI

@Suite struct PodValidationTests {
  private typealias Fixtures = ValidationFixtures

  /// Changes the only container.
  private func pod(_ change: (inout JSON) -> Void) -> JSON {
    Fixtures.pod { pod in
      var container = pod.spec["containers"]?.items[0] ?? [:]
      change(&container)
      pod[path: "spec", "containers"] = [container]
    }
  }

  private func faults(_ change: (inout JSON) -> Void) -> [String] { Fixtures.messages(pod(change), .pods) }

  private func specFaults(_ change: (inout JSON) -> Void) -> [String] {
    Fixtures.messages(
      Fixtures.pod { pod in
        var spec = pod.spec
        change(&spec)
        pod["spec"] = spec
      }, .pods)
  }

  @Test func aPlainPodIsInOrder() { #expect(Fixtures.messages(Fixtures.pod(), .pods).isEmpty) }

  @Test func aSignalNeedsASystem() {
    func faults(_ signal: String, _ system: String?) -> [String] {
      specFaults { spec in
        var container = spec["containers"]?.items[0] ?? [:]
        container["lifecycle"] = ["stopSignal": .string(signal)]
        spec["containers"] = [container]
        spec["os"] = system.map { ["name": .string($0)] as JSON }
      }
    }
    let place = "spec.containers[0].lifecycle.stopSignal: "
    #expect(faults("SIGUSR1", "linux") == [])
    #expect(faults("SIGRTMIN+3", "linux") == [])
    #expect(faults("SIGTERM", "windows") == [])
    #expect(faults("SIGUSR1", nil) == [place + "Forbidden: may not be set for containers with empty `spec.os.name`"])
    #expect(
      faults("SIGUSR1", "windows")
        == [place + "Unsupported value: \"SIGUSR1\": supported values: \"SIGKILL\", \"SIGTERM\""])
    #expect(faults("USR1", "linux").first?.hasPrefix(place + "Unsupported value: \"USR1\"") == true)
    #expect(StopSignal.names.count == 65)
  }

  @Test func containersNeedNamesAndImages() {
    #expect(specFaults { $0["containers"] = [] } == ["spec.containers: Required value"])
    #expect(faults { $0["image"] = "" } == ["spec.containers[0].image: Required value"])
    #expect(
      faults { $0["name"] = "C" } == [
        "spec.containers[0].name: Invalid value: \"C\": a lowercase RFC 1123 label must consist of lower case "
          + "alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  "
          + "or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
      ])
    #expect(
      specFaults { $0["initContainers"] = [["name": "c", "image": "i"]] }
        == ["spec.initContainers[0].name: Duplicate value: \"c\""])
  }

  @Test func portsAreJudged() {
    #expect(
      faults { $0["ports"] = [["containerPort": 70000, "protocol": "ICMP"]] } == [
        "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
        "spec.containers[0].ports[0].protocol: Unsupported value: \"ICMP\": supported values: \"SCTP\", \"TCP\", "
          + "\"UDP\"",
      ])
    #expect(faults { $0["ports"] = [[:]] } == ["spec.containers[0].ports[0].containerPort: Required value"])
    #expect(
      faults { $0["ports"] = [["containerPort": 1, "name": "a"], ["containerPort": 2, "name": "a"]] }
        == ["spec.containers[0].ports[1].name: Duplicate value: \"a\""])
    #expect(
      faults { $0["ports"] = [["containerPort": 1, "hostPort": 9], ["containerPort": 2, "hostPort": 9]] }
        == ["spec.containers[0].ports[1].hostPort: Duplicate value: \"TCP//9\""])
  }

  @Test func environmentIsJudged() {
    #expect(
      faults { $0["env"] = [["name": "A=B"]] } == [
        "spec.containers[0].env[0].name: Invalid value: \"A=B\": a valid environment variable name must consist only "
          + "of printable ASCII characters other than '='"
      ])
    #expect(
      faults { $0["env"] = [["name": "A", "value": "x", "valueFrom": ["fieldRef": ["fieldPath": "status.podIP"]]]] }
        == ["spec.containers[0].env[0].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty"])
    #expect(
      faults { $0["env"] = [["name": "A", "valueFrom": ["fieldRef": ["fieldPath": "status.color"]]]] } == [
        "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: \"status.color\": error converting "
          + "fieldPath: field label not supported: status.color"
      ])
    #expect(
      faults { $0["env"] = [["name": "A", "valueFrom": ["fieldRef": ["fieldPath": "metadata.labels['a']"]]]] } == [])
  }

  @Test func volumesAndMountsMatch() {
    #expect(
      faults { $0["volumeMounts"] = [["name": "data", "mountPath": "/d"]] }
        == ["spec.containers[0].volumeMounts[0].name: Not found: \"data\""])
    #expect(
      specFaults { $0["volumes"] = [["name": "a", "emptyDir": [:], "hostPath": ["path": "/x"]], ["name": "a"]] } == [
        "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type",
        "spec.volumes[1].name: Duplicate value: \"a\"",
      ])
    #expect(
      specFaults { $0["volumes"] = [["name": "a", "secret": [:]]] }
        == ["spec.volumes[0].secret.secretName: Required value"])
  }

  @Test func resourcesAreJudged() {
    #expect(
      faults { $0["resources"] = ["requests": ["cpu": "2"], "limits": ["cpu": "1"]] } == [
        "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1"
      ])
    #expect(
      faults { $0["resources"] = ["limits": ["apples": "1"]] }.first
        == "spec.containers[0].resources.limits[apples]: Invalid value: \"apples\": must be a standard resource for "
        + "containers")
  }

  @Test func probesNeedOneHandler() {
    #expect(
      faults { $0["livenessProbe"] = [:] }
        == ["spec.containers[0].livenessProbe: Required value: must specify a handler type"])
    #expect(
      faults { $0["livenessProbe"] = ["tcpSocket": ["port": "http"], "successThreshold": 2] }
        == ["spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1"])
    #expect(
      faults { $0["readinessProbe"] = ["httpGet": ["port": 0]] } == [
        "spec.containers[0].readinessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive"
      ])
  }

  @Test func aNameThatOverridesAllIsForThePodsOwnNetwork() {
    #expect(specFaults { $0["hostnameOverride"] = "override.example.host" } == [])
    let path = "spec.hostnameOverride"
    #expect(
      specFaults {
        $0["hostnameOverride"] = "host"
        $0["setHostnameAsFQDN"] = true
      } == ["\(path): Forbidden: may not be specified when `setHostnameAsFQDN` is true"])
    #expect(
      specFaults {
        $0["hostnameOverride"] = "host"
        $0["hostNetwork"] = true
      } == ["\(path): Forbidden: may not be specified when `hostNetwork` is true"])
    #expect(specFaults { $0["hostnameOverride"] = "Not-RFC1123" }.first?.hasPrefix("\(path): Invalid value") == true)
    let long = String(repeating: "a", count: 63) + ".bc"
    #expect(specFaults { $0["hostnameOverride"] = .string(long) }.first?.hasPrefix("\(path): Too long") == true)
  }

  @Test func filesOfVariablesLieInEmptyVolumes() {
    func found(_ reference: JSON) -> [String] {
      specFaults { spec in
        spec["volumes"] = [
          ["name": "work", "emptyDir": [:]], ["name": "host", "hostPath": ["path": "/tmp", "type": ""]],
        ]
        var container = spec["containers"]?.items[0] ?? [:]
        container["env"] = [["name": "A", "valueFrom": ["fileKeyRef": reference]]]
        spec["containers"] = [container]
      }
    }
    let path = "spec.containers[0].env[0].valueFrom.fileKeyRef"
    #expect(found(["volumeName": "work", "path": "a.env", "key": "A", "optional": false]) == [])
    #expect(
      found(["volumeName": "none", "path": "a.env", "key": "A", "optional": false]) == [
        "\(path).volumeName: Not found: \"none\""
      ])
    #expect(
      found(["volumeName": "host", "path": "a.env", "key": "A", "optional": false]) == [
        "\(path).volumeName: Invalid value: \"host\": referenced volume must be of type emptyDir"
      ])
    #expect(
      found(["volumeName": "work", "path": "../a", "key": "", "optional": false]) == [
        "\(path).path: Invalid value: \"../a\": must not contain '..'", "\(path).key: Required value",
      ])
  }

  @Test func rulesOfRestartsAreJudged() {
    let codes: JSON = ["operator": "In", "values": [1]]
    #expect(faults { $0["restartPolicy"] = "Never" } == [])
    #expect(
      faults { $0["restartPolicy"] = "Sometimes" } == [
        "spec.containers[0].restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"Never\", "
          + "\"OnFailure\""
      ])
    #expect(
      faults { $0["restartPolicyRules"] = [["action": "RestartAllContainers", "exitCodes": codes]] } == [
        "spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used"
      ])
    #expect(
      faults {
        $0["restartPolicy"] = "Never"
        $0["restartPolicyRules"] = [
          ["action": "Wait"], ["action": "Restart", "exitCodes": ["operator": "Is", "values": [1]]],
        ]
      } == [
        "spec.containers[0].restartPolicyRules[0].action: Unsupported value: \"Wait\": supported values: \"Restart\", "
          + "\"RestartAllContainers\"",
        "spec.containers[0].restartPolicyRules[0].exitCodes: Required value: must be specified",
        "spec.containers[0].restartPolicyRules[1].exitCodes.operator: Unsupported value: \"Is\": supported values: "
          + "\"In\", \"NotIn\"",
      ])
    let rules = [JSON](repeating: ["action": "Restart", "exitCodes": codes], count: 21)
    #expect(
      faults {
        $0["restartPolicy"] = "Never"
        $0["restartPolicyRules"] = .array(rules)
      } == ["spec.containers[0].restartPolicyRules: Too many: 21: must have at most 20 items"])
  }

  @Test func policiesAreOfTheListed() {
    #expect(
      specFaults { $0["restartPolicy"] = "Sometimes" } == [
        "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"Never\", \"OnFailure\""
      ])
    #expect(
      specFaults { $0["dnsPolicy"] = "None" }
        == ["spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"])
    #expect(
      specFaults { $0["tolerations"] = [["key": "a", "effect": "No"]] } == [
        "spec.tolerations[0].effect: Unsupported value: \"No\": supported values: \"NoExecute\", \"NoSchedule\", "
          + "\"PreferNoSchedule\""
      ])
  }

  @Test func aStoredPodIsFixedButForItsImages() {
    let old = Fixtures.pod()
    #expect(
      Fixtures.messages(
        old,
        pod {
          $0["image"] = "nginx:1"; $0["imagePullPolicy"] = "Always"
        }, .pods
      ).isEmpty)
    let changed = pod { $0["command"] = ["sh"] }
    let message = Fixtures.messages(old, changed, .pods).first ?? ""
    #expect(
      message.hasPrefix(
        "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
          + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to "
          + "existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously "
          + "negative)\n"
      ))
    var more = old
    more[path: "spec", "containers"] = .array((old.spec["containers"]?.items ?? []) + [["name": "d", "image": "i"]])
    #expect(
      Fixtures.messages(old, more, .pods).contains(
        "spec.containers: Forbidden: pod updates may not add or remove containers"))
  }

  @Test func tolerationsAndDeadlinesMayBecomeStricter() {
    func with(_ tolerations: JSON, _ deadline: JSON? = nil) -> JSON {
      Fixtures.pod {
        $0[path: "spec", "tolerations"] = tolerations
        if let deadline { $0[path: "spec", "activeDeadlineSeconds"] = deadline }
      }
    }
    let one: JSON = [["key": "a", "operator": "Exists"]]
    let two: JSON = [["key": "a", "operator": "Exists"], ["key": "b", "operator": "Exists"]]
    #expect(Fixtures.messages(with(one), with(two), .pods).isEmpty)
    #expect(
      Fixtures.messages(with(two), with(one), .pods) == [
        "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"
      ])
    #expect(Fixtures.messages(with(one, 20), with(one, 10), .pods).isEmpty)
    #expect(
      Fixtures.messages(with(one, 10), with(one, 20), .pods)
        == ["spec.activeDeadlineSeconds: Invalid value: 20: must be less than or equal to previous value"])
  }
}
