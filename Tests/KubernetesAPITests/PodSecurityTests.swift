import JSONTree
import KubernetesAPI
import Testing

@Suite struct PodSecurityTests {
  private func pod(_ spec: JSON = [:], container: JSON = [:], annotations: JSON? = nil) -> JSON {
    var made = container
    made["name"] = "c"
    var pod: JSON = ["metadata": ["name": "p"], "spec": spec]
    pod[path: "metadata", "annotations"] = annotations
    if spec["containers"] == nil { pod[path: "spec", "containers"] = [made] }
    return pod
  }

  private func details(_ pod: JSON, _ level: PodSecurityLevel, _ version: PodSecurityVersion = .latest) -> String {
    PodSecurityEvaluator().violations(of: pod, by: PodSecurityStandard(level, version)).details
  }

  /// A pod that keeps to everything.
  private let good: JSON = [
    "metadata": ["name": "p"],
    "spec": [
      "securityContext": ["runAsNonRoot": true, "seccompProfile": ["type": "RuntimeDefault"]],
      "containers": [
        [
          "name": "c",
          "securityContext": [
            "allowPrivilegeEscalation": false, "capabilities": ["drop": ["ALL"], "add": ["NET_BIND_SERVICE"]],
          ],
        ]
      ],
      "volumes": [["name": "v", "emptyDir": [:]]],
    ],
  ]

  @Test func aPlainPodIsBaselineAndNotRestricted() {
    #expect(details(pod(), .baseline) == "")
    #expect(
      details(pod(), .restricted)
        == #"allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), "#
        + #"unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), "#
        + #"runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), seccompProfile "#
        + #"(pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")"#)
    #expect(details(good, .restricted) == "")
    #expect(details(pod(container: ["securityContext": ["privileged": true]]), .privileged) == "")
  }

  @Test(
    arguments: [
      (["hostNetwork": true, "hostIPC": true], "host namespaces (hostNetwork=true, hostIPC=true)"),
      (
        ["volumes": [["name": "a", "hostPath": ["path": "/"]], ["name": "b", "hostPath": ["path": "/"]]]],
        #"hostPath volumes (volumes "a", "b")"#
      ),
      (
        ["securityContext": ["sysctls": [["name": "kernel.x"], ["name": "net.ipv4.tcp_rmem"]]]],
        "forbidden sysctls (kernel.x)"
      ),
      (
        ["securityContext": ["seLinuxOptions": ["type": "bad", "role": "r"]]],
        #"seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "bad"; role may not be set)"#
      ),
      (
        ["securityContext": ["windowsOptions": ["hostProcess": true]]],
        "hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)"
      ),
      (
        ["securityContext": ["appArmorProfile": ["type": "Unconfined"]]],
        #"forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")"#
      ),
      (
        ["securityContext": ["seccompProfile": ["type": "Unconfined"]]],
        #"seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")"#
      ),
    ] as [(JSON, String)]) func ofThePod(_ spec: JSON, _ text: String)
  { #expect(details(pod(spec), .baseline) == text) }

  @Test(
    arguments: [
      (
        ["ports": [["hostPort": 80], ["hostPort": 443], ["hostPort": 0]]],
        #"hostPort (container "c" uses hostPorts 443, 80)"#
      ),
      (
        ["securityContext": ["privileged": true]],
        #"privileged (container "c" must not set securityContext.privileged=true)"#
      ),
      (
        ["securityContext": ["capabilities": ["add": ["SYS_ADMIN", "NET_RAW", "CHOWN"]]]],
        #"non-default capabilities (container "c" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add)"#
      ),
      (
        ["securityContext": ["procMount": "Unmasked"]],
        #"procMount (container "c" must not set securityContext.procMount to "Unmasked")"#
      ),
      (
        ["livenessProbe": ["httpGet": ["host": "h"]], "lifecycle": ["preStop": ["tcpSocket": ["host": "g"]]]],
        #"probe or lifecycle host (container "c" uses probe or lifecycle hosts "g", "h")"#
      ),
    ] as [(JSON, String)]) func ofAContainer(_ container: JSON, _ text: String)
  {
    #expect(details(pod(container: container), .baseline) == text)
  }

  @Test func allContainersCount() {
    var broken = good
    let bad: JSON = ["name": "i", "securityContext": ["privileged": true]]
    broken[path: "spec", "initContainers"] = [bad]
    broken[path: "spec", "ephemeralContainers"] = [["name": "e", "securityContext": ["privileged": true]]]
    #expect(
      details(broken, .baseline) == #"privileged (containers "i", "e" must not set securityContext.privileged=true)"#)
  }

  @Test func restrictedReplacesWhatItMakesNeedless() {
    var broken = good
    broken[path: "spec", "volumes"] = [["name": "a", "hostPath": ["path": "/"]], ["name": "b", "nfs": [:]]]
    broken[path: "spec", "securityContext", "runAsUser"] = 0
    #expect(
      details(broken, .restricted)
        == #"restricted volume types (volumes "a", "b" use restricted volume types "hostPath", "nfs"), "#
        + "runAsUser=0 (pod must not set runAsUser=0)")
    broken = good
    broken[path: "spec", "containers"] = [
      [
        "name": "c",
        "securityContext": [
          "allowPrivilegeEscalation": true, "runAsNonRoot": false, "capabilities": ["add": ["CHOWN"]],
          "procMount": "Unmasked",
        ],
      ]
    ]
    #expect(
      details(broken, .restricted)
        == #"allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), "#
        + #"unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]; container "c" "#
        + #"must not include "CHOWN" in securityContext.capabilities.add), procMount (container "c" must not set "#
        + #"securityContext.procMount to "Unmasked"), runAsNonRoot != true (container "c" must not set "#
        + "securityContext.runAsNonRoot=false)")
  }

  @Test func checksDependOnTheVersion() {
    #expect(details(pod(), .restricted, .minor(7)).hasPrefix("runAsNonRoot != true"))
    #expect(!details(pod(), .restricted, .minor(18)).contains("seccompProfile"))
    #expect(!details(pod(), .restricted, .minor(21)).contains("unrestricted"))
    #expect(details(pod(), .restricted, .minor(1000)) == details(pod(), .restricted))

    let engine = pod(["securityContext": ["seLinuxOptions": ["type": "container_engine_t"]]])
    #expect(details(engine, .baseline, .minor(31)) == "" && details(engine, .baseline, .minor(30)) != "")
    for (name, since) in [
      ("net.ipv4.tcp_wmem", 32), ("net.ipv4.tcp_fin_timeout", 29), ("net.ipv4.ip_local_reserved_ports", 27),
    ] {
      let set = pod(["securityContext": ["sysctls": [["name": .string(name)]]]])
      #expect(details(set, .baseline, .minor(since)) == "" && details(set, .baseline, .minor(since - 1)) != "")
    }
    let probe = pod(container: ["startupProbe": ["tcpSocket": ["host": "h"]]])
    #expect(details(probe, .baseline, .minor(33)) == "" && details(probe, .baseline, .minor(34)) != "")

    let annotated = pod(annotations: ["seccomp.security.alpha.kubernetes.io/pod": "unconfined"])
    #expect(
      details(annotated, .baseline, .minor(18))
        == #"seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")"#)
    #expect(details(annotated, .baseline, .minor(19)) == "")
  }

  @Test func podsWithUsersOfTheirOwnMayBeRoot() {
    var root = good
    root[path: "spec", "hostUsers"] = false
    root[path: "spec", "securityContext"] = ["runAsUser": 0, "seccompProfile": ["type": "Localhost"]]
    #expect(details(root, .restricted, .minor(35)) == "")
    #expect(details(root, .restricted, .minor(34)).hasPrefix("runAsNonRoot != true"))
    let unmasked = pod(["hostUsers": false], container: ["securityContext": ["procMount": "Unmasked"]])
    #expect(details(unmasked, .baseline) == "" && details(unmasked, .baseline, .minor(34)) != "")
    #expect(details(unmasked, .restricted).contains("procMount"))
  }

  @Test func windowsHasNoCapabilities() {
    var windows = pod(["os": ["name": "windows"], "securityContext": ["runAsNonRoot": true]])
    #expect(details(windows, .restricted, .minor(25)) == "")
    #expect(details(windows, .restricted, .minor(24)).contains("allowPrivilegeEscalation"))
    windows[path: "spec", "os", "name"] = "linux"
    #expect(details(windows, .restricted, .minor(25)).contains("unrestricted capabilities"))
  }

  @Test func appArmorAnnotations() {
    let key = "container.apparmor.security.beta.kubernetes.io/c"
    for value in ["runtime/default", "localhost/x", ""] {
      #expect(details(pod(annotations: [key: .string(value)]), .baseline) == "")
    }
    #expect(
      details(pod(annotations: [key: "unconfined"]), .baseline)
        == #"forbidden AppArmor profile (annotation must not set AppArmor profile type to "#
        + #""container.apparmor.security.beta.kubernetes.io/c="unconfined"")"#)
  }

  @Test func labelsMakeAPolicy() {
    let (policy, faults) = PodSecurityPolicy.read([
      "pod-security.kubernetes.io/enforce": "baseline", "pod-security.kubernetes.io/enforce-version": "v1.30",
      "pod-security.kubernetes.io/warn": "restricted", "other": "x",
    ])
    #expect(policy.enforce.description == "baseline:v1.30" && policy.warn.description == "restricted:latest")
    #expect(policy.audit.level == .privileged && faults.isEmpty)

    let (broken, wrong) = PodSecurityPolicy.read([
      "pod-security.kubernetes.io/enforce": "strict", "pod-security.kubernetes.io/audit": "strict",
      "pod-security.kubernetes.io/warn-version": "1.30",
    ])
    #expect(broken.enforce.level == .restricted && broken.audit.level == .privileged)
    #expect(
      wrong.map(\.description) == [
        #"metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted"#,
        #"metadata.labels[pod-security.kubernetes.io/audit]: Invalid value: "strict": must be one of privileged, baseline, restricted"#,
        #"metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.30": must be "latest" or "v1.x""#,
      ])
    for text in ["v1.", "v1.01", "v2.1", "v1.-1", "v1.x", "Latest"] { #expect(PodSecurityVersion(text) == nil) }
    #expect(PodSecurityVersion("v1.0") == .minor(0))
  }
}
