import JSONTree
import KubernetesAPI
import Testing

@Suite struct KindConversionTests {
  @Test func eventsKeepWhatTheySay() throws {
    let conversion = try #require(KindConversion.of(.events))
    #expect(conversion.stored == .coreEvents && KindConversion.of(.coreEvents) == nil)
    let event: JSON = [
      "kind": "Event", "apiVersion": "events.k8s.io/v1", "metadata": ["name": "e", "namespace": "a"],
      "eventTime": "2026-01-02T03:04:05.000006Z", "reportingController": "x.example/c", "reportingInstance": "c-1",
      "action": "Doing", "reason": "Done", "regarding": ["kind": "Pod", "name": "p"], "note": "It is done.",
      "type": "Normal", "series": ["count": 2, "lastObservedTime": "2026-01-02T03:04:06.000000Z"],
      "deprecatedSource": [:], "deprecatedFirstTimestamp": .null, "deprecatedLastTimestamp": .null,
    ]
    let core = conversion.toStored(event)
    #expect(core.apiVersion == "v1" && core["involvedObject"] == ["kind": "Pod", "name": "p"])
    #expect(core["message"] == "It is done." && core["reportingComponent"] == "x.example/c" && core["source"] == [:])
    #expect(core["note"] == nil && core["regarding"] == nil)
    #expect(conversion.toServed(core) == event)

    let old: JSON = [
      "kind": "Event", "apiVersion": "v1", "metadata": ["name": "e"], "involvedObject": ["name": "p"],
      "message": "m", "source": ["component": "kubelet", "host": "n"], "firstTimestamp": "2026-01-02T03:04:05Z",
      "lastTimestamp": "2026-01-02T03:04:05Z", "count": 3, "type": "Warning", "eventTime": .null,
      "reportingComponent": "", "reportingInstance": "",
    ]
    let served = conversion.toServed(old)
    #expect(served["deprecatedSource"] == ["component": "kubelet", "host": "n"] && served["deprecatedCount"] == 3)
    #expect(served["reportingController"] == nil && served["note"] == "m")
    #expect(conversion.toStored(served) == old)
    #expect(
      conversion.storedSelector("regarding.name=p,reportingController!=c,type=Normal")
        == "involvedObject.name=p,reportingComponent!=c,type=Normal")
  }

  @Test func autoscalersKeepWhatTheFirstVersionDoesNotKnow() throws {
    let conversion = try #require(KindConversion.of(.horizontalPodAutoscalersV1))
    let second: JSON = [
      "kind": "HorizontalPodAutoscaler", "apiVersion": "autoscaling/v2",
      "metadata": ["name": "h", "annotations": ["own": "1"]],
      "spec": [
        "scaleTargetRef": ["kind": "Deployment", "name": "d", "apiVersion": "apps/v1"], "minReplicas": 1,
        "maxReplicas": 5,
        "metrics": [
          [
            "type": "Resource",
            "resource": ["name": "cpu", "target": ["type": "Utilization", "averageUtilization": 80]],
          ],
          [
            "type": "Resource",
            "resource": ["name": "memory", "target": ["type": "AverageValue", "averageValue": "1Gi"]],
          ],
          [
            "type": "Pods",
            "pods": ["metric": ["name": "rps"], "target": ["type": "AverageValue", "averageValue": "10"]],
          ],
          [
            "type": "Object",
            "object": [
              "metric": ["name": "hits", "selector": ["matchLabels": ["a": "b"]]],
              "describedObject": ["kind": "Service", "name": "s"], "target": ["type": "Value", "value": "2k"],
            ],
          ],
          [
            "type": "External",
            "external": ["metric": ["name": "queue"], "target": ["type": "AverageValue", "averageValue": "30"]],
          ],
          [
            "type": "ContainerResource",
            "containerResource": [
              "name": "cpu", "container": "c", "target": ["type": "Utilization", "averageUtilization": 60],
            ],
          ],
        ], "behavior": ["scaleDown": ["stabilizationWindowSeconds": 10]],
      ],
      "status": [
        "currentReplicas": 2, "desiredReplicas": 3,
        "currentMetrics": [
          ["type": "Resource", "resource": ["name": "cpu", "current": ["averageUtilization": 70]]],
          ["type": "Pods", "pods": ["metric": ["name": "rps"], "current": ["averageValue": "12"]]],
        ], "conditions": [["type": "AbleToScale", "status": "True"]],
      ],
    ]
    let first = conversion.toServed(second)
    #expect(first.apiVersion == "autoscaling/v1" && first.spec["targetCPUUtilizationPercentage"] == 80)
    #expect(first.spec["metrics"] == nil && first.spec["behavior"] == nil && first.spec["maxReplicas"] == 5)
    #expect(first.status["currentCPUUtilizationPercentage"] == 70 && first.status["conditions"] == nil)
    let metrics = try JSON.parse(try #require(first.annotations["autoscaling.alpha.kubernetes.io/metrics"]))
    #expect(metrics.items.count == 5)
    #expect(metrics.items[0] == ["type": "Resource", "resource": ["name": "memory", "targetAverageValue": "1Gi"]])
    #expect(metrics.items[1] == ["type": "Pods", "pods": ["metricName": "rps", "targetAverageValue": "10"]])
    #expect(metrics.items[2][path: "object", "targetValue"] == "2k")
    #expect(metrics.items[3][path: "external", "targetAverageValue"] == "30")
    #expect(first.annotations["own"] == "1")
    #expect(conversion.toStored(first) == second)

    let plain: JSON = [
      "kind": "HorizontalPodAutoscaler", "apiVersion": "autoscaling/v1", "metadata": ["name": "h"],
      "spec": ["scaleTargetRef": ["kind": "Deployment", "name": "d"], "maxReplicas": 3],
    ]
    #expect(
      conversion.toStored(plain).spec["metrics"] == nil && conversion.toServed(conversion.toStored(plain)) == plain)
  }

  @Test func answersAreConvertedAsAWhole() throws {
    let conversion = try #require(KindConversion.of(.events))
    let list: JSON = [
      "kind": "EventList", "apiVersion": "v1", "metadata": [:], "items": [["metadata": ["name": "e"], "message": "m"]],
    ]
    let served = conversion.answer(list)
    #expect(served.apiVersion == "events.k8s.io/v1" && served["items"]?.items[0]["note"] == "m")
    #expect(served["items"]?.items[0]["kind"] == nil)
    let status: JSON = ["kind": "Status", "apiVersion": "v1", "status": "Success"]
    #expect(conversion.answer(status) == status)
  }
}
