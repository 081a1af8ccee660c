import JSONTree
import KubernetesAPI

/// A pod on the node, with one container `main` unless told otherwise.
func testPod(
  _ name: String = "web", restartPolicy: String = "Always", initContainers: [JSON] = [],
  containers: [JSON] = [testContainer()], _ change: (inout JSON) -> Void = { _ in }
) -> JSON {
  var pod: JSON = [
    "metadata": ["name": .string(name), "namespace": "default"],
    "spec": [
      "nodeName": "node-1", "restartPolicy": .string(restartPolicy), "terminationGracePeriodSeconds": 30,
      "containers": .array(containers),
    ],
    "status": ["phase": "Pending", "conditions": [["type": "PodScheduled", "status": "True"]]],
  ]
  if !initContainers.isEmpty { pod[path: "spec", "initContainers"] = .array(initContainers) }
  change(&pod)
  return pod
}

func testContainer(_ name: String = "main", _ more: JSONObject = [:]) -> JSON {
  var members: JSONObject = ["name": .string(name), "image": "app:1", "imagePullPolicy": "IfNotPresent"]
  for member in more.members { members[member.key] = member.value }
  return .object(members)
}
