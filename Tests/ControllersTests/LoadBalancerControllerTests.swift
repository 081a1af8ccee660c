import APIClient
import APITesting
import JSONTree
import KubernetesAPI
import NetworkTypes
import Testing

@testable import Controllers

@Suite("Load balancer controller", .timeLimit(.minutes(5)))
struct LoadBalancerControllerTests {
  private let run = ControllerRun()
  private let finalizer = "service.kubernetes.io/load-balancer-cleanup"

  private func controller(_ pool: String? = nil) -> LoadBalancerController {
    LoadBalancerController(context: run.context, fallback: AddressPools.parse(pool ?? "").ranges)
  }

  private func service(_ name: String, namespace: String = "default", spec: JSON = [:]) -> JSON {
    [
      "apiVersion": "v1", "kind": "Service",
      "metadata": ["name": .string(name), "namespace": .string(namespace)],
      "spec": MergePatch.apply(spec, to: ["type": "LoadBalancer", "ipFamilies": ["IPv4"], "ports": [["port": 80]]]),
    ]
  }

  private func pools(_ data: JSON) -> JSON {
    [
      "apiVersion": "v1", "kind": "ConfigMap",
      "metadata": ["name": "load-balancer-pools", "namespace": "kube-system"], "data": data,
    ]
  }

  private func addresses(_ services: [JSON], _ name: String) -> [String] {
    services.first { $0.name == name }.map { LoadBalancerPlan.addresses(of: $0).map(\.description) } ?? []
  }

  private func change(_ name: String, _ edit: (inout JSON) -> Void) {
    guard var service = run.api.object(.services, ObjectName(namespace: "default", name: name)) else { return }
    edit(&service)
    run.api.put(.services, service)
  }

  private func wait(forEvent reason: String, _ words: String = "", count: Int = 1) async {
    await run.wait(.coreEvents, "event \(reason) \(words)") { events in
      events.filter { $0["reason"]?.string == reason && $0["message"]?.string?.contains(words) == true }.count >= count
    }
  }

  @Test func aServiceIsServedAndSaysSo() async throws {
    try await run([controller("192.0.2.1-192.0.2.9")]) {
      run.api.put(.services, service("web"))
      let services = await run.wait(.services, "an address") { addresses($0, "web") == ["192.0.2.1"] }
      #expect(services[0].finalizers == [finalizer])
      #expect(services[0].status[path: "loadBalancer", "ingress"] == [["ip": "192.0.2.1", "ipMode": "VIP"]])
      await wait(forEvent: "EnsuringLoadBalancer", "Ensuring load balancer")
      await wait(forEvent: "EnsuredLoadBalancer", "Ensured load balancer")
      #expect(run.api.objects(.coreEvents).allSatisfy { $0[path: "source", "component"] == "service-controller" })
    }
  }

  @Test func everyServiceHasAnAddressOfItsOwn() async throws {
    try await run([controller("192.0.2.0/26")]) {
      for index in 1...40 { run.api.put(.services, service("s\(index)")) }
      let services = await run.wait(.services, "forty addresses") { services in
        services.allSatisfy { !addresses([$0], $0.name).isEmpty } && services.count == 40
      }
      #expect(Set(services.flatMap { addresses([$0], $0.name) }).count == 40)
      // One write for the finalizer, one for the status.
      #expect(run.api.writes.filter { $0.path.contains("/services/") }.count == 80)
    }
  }

  @Test func whoWaitsIsServedWhenThereIsRoom() async throws {
    try await run([controller("192.0.2.1")]) {
      run.api.put(.services, service("first"))
      await run.wait(.services, "the only address") { addresses($0, "first") == ["192.0.2.1"] }
      run.api.put(.services, service("second"))
      await wait(forEvent: "SyncLoadBalancerFailed", "the address pool \"default\" has no free IPv4 address")
      #expect(addresses(run.api.objects(.services), "second").isEmpty)
      _ = try await run.client.delete(.services, namespace: "default", name: "first")
      await run.wait(.services, "it passes on") { addresses($0, "second") == ["192.0.2.1"] && $0.count == 1 }
      await wait(forEvent: "DeletingLoadBalancer")
      await wait(forEvent: "DeletedLoadBalancer")
    }
  }

  @Test func poolsMayComeLaterAndChange() async throws {
    try await run([controller()]) {
      run.api.put(.services, service("web"))
      await wait(forEvent: "SyncLoadBalancerFailed", "there is no address pool for the namespace default")
      run.api.put(.configMaps, pools(["default": "192.0.2.8/30, oops"]))
      await run.wait(.services, "an address") { addresses($0, "web") == ["192.0.2.8"] }
      await wait(forEvent: "InvalidAddressPools", "\"oops\"")
      run.api.put(.configMaps, pools(["default": "198.51.100.0/30", "kube-system": "192.0.2.77"]))
      await wait(forEvent: "AddressOutsidePools", "192.0.2.8")
      run.api.put(.services, service("new"))
      run.api.put(.services, service("own", namespace: "kube-system"))
      let services = await run.wait(.services, "the new pools") {
        addresses($0, "new") == ["198.51.100.0"] && addresses($0, "own") == ["192.0.2.77"]
      }
      #expect(addresses(services, "web") == ["192.0.2.8"])
    }
  }

  @Test func anotherTypeOrClassGivesTheAddressBack() async throws {
    try await run([controller("192.0.2.1-192.0.2.2")]) {
      for name in ["typed", "classed"] { run.api.put(.services, service(name)) }
      await run.wait(.services, "addresses") { $0.allSatisfy { !LoadBalancerPlan.addresses(of: $0).isEmpty } }
      change("typed") { $0[path: "spec", "type"] = "NodePort" }
      change("classed") { $0[path: "spec", "loadBalancerClass"] = "example.com/other" }
      await run.wait(.services, "free again") {
        $0.count == 2
          && $0.allSatisfy { LoadBalancerPlan.addresses(of: $0).isEmpty && !$0.finalizers.contains(finalizer) }
      }
      await wait(forEvent: "Type", "LoadBalancer -> NodePort")
      change("typed") { $0[path: "spec", "type"] = "LoadBalancer" }
      await run.wait(.services, "served again") { addresses($0, "typed") == ["192.0.2.1"] }
    }
  }

  @Test func theAddressThatIsAskedForLater() async throws {
    try await run([controller("192.0.2.1-192.0.2.4")]) {
      run.api.put(.services, service("a"))
      run.api.put(.services, service("b", spec: ["loadBalancerIP": "192.0.2.3"]))
      await run.wait(.services, "addresses") {
        addresses($0, "a") == ["192.0.2.1"] && addresses($0, "b") == ["192.0.2.3"]
      }
      change("a") { $0[path: "spec", "loadBalancerIP"] = "192.0.2.3" }
      await wait(forEvent: "SyncLoadBalancerFailed", "loadBalancerIP 192.0.2.3 is in use by another Service")
      await wait(forEvent: "LoadbalancerIP", " -> 192.0.2.3")
      // It goes on with what it has until then.
      #expect(addresses(run.api.objects(.services), "a") == ["192.0.2.1"])
      _ = try await run.client.delete(.services, namespace: "default", name: "b")
      await run.wait(.services, "it moves") { addresses($0, "a") == ["192.0.2.3"] }
    }
  }

  @Test func whatOthersServeIsLeftAlone() async throws {
    var foreign = service("foreign", spec: ["loadBalancerClass": "example.com/other"])
    foreign["status"] = ["loadBalancer": ["ingress": [["ip": "192.0.2.1"]]]]
    run.api.put(.services, foreign)
    try await run([controller("192.0.2.1-192.0.2.4")]) {
      run.api.put(.services, service("web"))
      // Its address is in use all the same.
      await run.wait(.services, "an address") { addresses($0, "web") == ["192.0.2.2"] }
      #expect(addresses(run.api.objects(.services), "foreign") == ["192.0.2.1"])
      #expect(!run.api.writes.contains { $0.path.contains("/foreign") })
    }
  }

  @Test func aSuccessorGoesOnFromTheStatuses() async throws {
    var held = service("held")
    held["status"] = ["loadBalancer": ["ingress": [["ip": "192.0.2.1", "ipMode": "VIP"]]]]
    held[path: "metadata", "finalizers"] = [.string(finalizer)]
    run.api.put(.services, held)
    try await run([controller("192.0.2.1-192.0.2.4")]) {
      run.api.put(.services, service("web"))
      await run.wait(.services, "another address") { addresses($0, "web") == ["192.0.2.2"] }
      #expect(!run.api.writes.contains { $0.path.contains("/held") })
    }
  }
}
