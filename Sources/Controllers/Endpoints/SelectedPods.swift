import APIClient
import JSONTree
import KubernetesAPI

/// Services and the pods they select, each found from the other by index.
struct SelectedPods: Sendable {
  let services: Informer
  let pods: Informer
  /// By one label of the Service's selector: `NAMESPACE/KEY=VALUE`.
  private static let selectorIndex = "selector"

  init(_ informers: InformerFactory) {
    services = informers.informer(for: .services)
    pods = informers.informer(for: .pods)
    services.addIndex(Self.selectorIndex) { service in
      Self.selectorKey(service).map { [$0] } ?? []
    }
    ObjectIndex.addLabels(to: pods)
    pods.addIndex(ObjectIndex.node) { $0.nodeName.isEmpty ? [] : [$0.nodeName] }
  }

  private static func selector(_ service: JSON) -> [String: String] {
    service.spec["selector"]?.object?.strings ?? [:]
  }

  private static func selectorKey(_ service: JSON) -> String? {
    selector(service).min { $0.key < $1.key }
      .map { ObjectIndex.labelKey(namespace: service.namespace, $0.key, $0.value) }
  }

  static func hasSelector(_ service: JSON) -> Bool { !selector(service).isEmpty }

  func pods(of service: JSON) -> [JSON] {
    guard let key = Self.selectorKey(service) else { return [] }
    let selector = LabelSelector(labels: Self.selector(service))
    return pods.list(index: ObjectIndex.label, key: key).filter { selector.matches($0.labels) }
  }

  func services(selecting pod: JSON) -> [ObjectName] {
    let labels = pod.labels
    return labels.flatMap { label in
      services.list(
        index: Self.selectorIndex,
        key: ObjectIndex.labelKey(namespace: pod.namespace, label.key, label.value))
    }.filter { service in
      LabelSelector(labels: Self.selector(service)).matches(labels)
    }.map(\.objectName)
  }

  /// The Services that an event of a pod concerns: also those that selected it before. A change that no endpoint shows
  /// concerns none.
  func services(concernedBy event: InformerEvent) -> [ObjectName] {
    switch event {
    case .synced: return []
    case .added(let pod), .deleted(let pod): return services(selecting: pod)
    case .updated(let old, let new):
      if old.labels != new.labels { return services(selecting: old) + services(selecting: new) }
      let shown = { (pod: JSON) in
        [
          pod.status["podIPs"], pod.status["podIP"], pod["metadata"]?["deletionTimestamp"], pod.spec["nodeName"],
          .bool(pod.isPodReady), .bool(pod.isPodFinished), pod.spec["hostname"], pod.spec["subdomain"],
        ]
      }
      return shown(old) == shown(new) ? [] : services(selecting: new)
    }
  }
}
