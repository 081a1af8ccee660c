import JSONTree
import Testing

@testable import KubernetesAPI

@Suite struct DefaultingTests {
  private func defaulted(_ object: JSON, _ kind: ResourceKind) -> JSON {
    var object = object
    Defaulting().apply(to: &object, kind: kind)
    return object
  }

  @Test func aPodGetsUpstreamsDefaults() throws {
    let pod = defaulted(
      [
        "metadata": ["name": "web"],
        "spec": [
          "containers": [
            [
              "name": "c", "image": "nginx", "ports": [["containerPort": 80]],
              "readinessProbe": ["httpGet": ["port": 80]],
              "resources": ["limits": ["cpu": "1", "memory": "1Gi"], "requests": ["cpu": "100m"]],
              "env": [["name": "IP", "valueFrom": ["fieldRef": ["fieldPath": "status.podIP"]]]],
            ]
          ],
          "volumes": [["name": "tmp"], ["name": "conf", "configMap": ["name": "c"]]],
        ],
      ], .pods)
    let expected: JSON = [
      "containers": [
        [
          "name": "c", "image": "nginx", "ports": [["containerPort": 80, "protocol": "TCP"]],
          "readinessProbe": [
            "httpGet": ["port": 80, "path": "/", "scheme": "HTTP"], "timeoutSeconds": 1, "periodSeconds": 10,
            "successThreshold": 1, "failureThreshold": 3,
          ],
          "resources": [
            "limits": ["cpu": "1", "memory": "1Gi"], "requests": ["cpu": "100m", "memory": "1Gi"],
          ],
          "env": [
            ["name": "IP", "valueFrom": ["fieldRef": ["fieldPath": "status.podIP", "apiVersion": "v1"]]]
          ],
          "imagePullPolicy": "Always", "terminationMessagePath": "/dev/termination-log",
          "terminationMessagePolicy": "File",
        ]
      ],
      "volumes": [
        ["name": "tmp", "emptyDir": [:]], ["name": "conf", "configMap": ["name": "c", "defaultMode": 420]],
      ],
      "restartPolicy": "Always", "dnsPolicy": "ClusterFirst", "terminationGracePeriodSeconds": 30,
      "schedulerName": "default-scheduler", "securityContext": [:], "enableServiceLinks": true,
    ]
    #expect(pod["spec"] == expected)
  }

  @Test(arguments: [
    ("nginx", "Always"), ("nginx:latest", "Always"), ("nginx:1.2", "IfNotPresent"),
    ("registry:5000/nginx", "Always"), ("registry:5000/nginx:1", "IfNotPresent"),
    ("nginx@sha256:0123", "IfNotPresent"),
  ])
  func pullPolicyFollowsTheTag(image: String, policy: String) {
    let pod = defaulted(["spec": ["containers": [["name": "c", "image": .string(image)]]]], .pods)
    #expect(pod["spec"]?["containers"]?.items[0]["imagePullPolicy"]?.string == policy)
  }

  @Test func whatTheUserSaidStays() {
    let spec: JSON = ["restartPolicy": "Never", "dnsPolicy": "Default", "enableServiceLinks": false]
    let pod = defaulted(["spec": spec], .pods)
    #expect(pod["spec"]?["restartPolicy"] == "Never")
    #expect(pod["spec"]?["dnsPolicy"] == "Default")
    #expect(pod["spec"]?["enableServiceLinks"] == false)
    #expect(defaulted(["spec": ["restartPolicy": ""]], .pods)["spec"]?["restartPolicy"] == "Always")
  }

  @Test func aServiceGetsUpstreamsDefaults() {
    let service = defaulted(
      ["spec": ["ports": [["port": 80], ["port": 53, "protocol": "UDP", "targetPort": "dns"]]]], .services)
    #expect(
      service["spec"] == [
        "ports": [
          ["port": 80, "protocol": "TCP", "targetPort": 80], ["port": 53, "protocol": "UDP", "targetPort": "dns"],
        ],
        "internalTrafficPolicy": "Cluster", "type": "ClusterIP", "sessionAffinity": "None",
      ])
    let balanced = defaulted(["spec": ["type": "LoadBalancer", "sessionAffinity": "ClientIP"]], .services)
    #expect(balanced["spec"]?["externalTrafficPolicy"] == "Cluster")
    #expect(balanced["spec"]?["allocateLoadBalancerNodePorts"] == true)
    #expect(balanced["spec"]?[path: "sessionAffinityConfig", "clientIP", "timeoutSeconds"] == 10800)
    let external = defaulted(["spec": ["type": "ExternalName", "externalName": "a.example"]], .services)
    #expect(external["spec"]?["internalTrafficPolicy"] == nil)
  }

  @Test func aDeploymentGetsUpstreamsDefaults() {
    let deployment = defaulted(["spec": ["template": ["spec": ["containers": []]]]], .deployments)
    let spec = deployment.spec
    #expect(spec["replicas"] == 1)
    #expect(spec["revisionHistoryLimit"] == 10)
    #expect(spec["progressDeadlineSeconds"] == 600)
    #expect(
      spec["strategy"] == ["type": "RollingUpdate", "rollingUpdate": ["maxUnavailable": "25%", "maxSurge": "25%"]])
    #expect(spec[path: "template", "spec", "restartPolicy"] == "Always")
    #expect(spec[path: "template", "spec", "enableServiceLinks"] == nil)
    let recreated = defaulted(["spec": ["strategy": ["type": "Recreate"]]], .deployments)
    #expect(recreated["spec"]?["strategy"] == ["type": "Recreate"])
  }

  @Test func smallKindsGetTheirs() {
    #expect(
      defaulted(["metadata": ["name": "n"]], .namespaces).labels == ["kubernetes.io/metadata.name": "n"])
    let secret = defaulted(["data": ["a": "YQ=="], "stringData": ["b": "hi"]], .secrets)
    #expect(secret["type"] == "Opaque")
    #expect(secret["data"] == ["a": "YQ==", "b": "aGk="])
    #expect(secret["stringData"] == nil)
    let slice = defaulted(["ports": [["port": 80]]], .endpointSlices)
    #expect(slice["ports"] == [["port": 80, "name": "", "protocol": "TCP"]])
    let node = defaulted(["status": ["capacity": ["cpu": "4"]]], .nodes)
    #expect(node["status"]?["allocatable"] == ["cpu": "4"])
  }
}
