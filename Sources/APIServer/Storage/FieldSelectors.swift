import JSONTree
import KubernetesAPI

/// Which fields each kind may be selected by, and their values; the sets are upstream's.
enum FieldSelectors {
  private static let always: Set<String> = ["metadata.name", "metadata.namespace"]
  private static let ofEvents: Set<String> = [
    "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
    "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
    "reportingComponent", "source", "type",
  ]

  private static func beyondMetadata(_ kind: ResourceKind) -> Set<String> {
    switch kind {
    case .pods:
      [
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
        "status.phase", "status.podIP", "status.nominatedNodeName",
      ]
    case .services: ["spec.clusterIP", "spec.type"]
    case .nodes: ["spec.unschedulable"]
    case .namespaces: ["status.phase", "name"]
    case .secrets: ["type"]
    case .replicaSets, .replicationControllers: ["status.replicas"]
    case .jobs: ["status.successful"]
    case .coreEvents, .events: ofEvents
    default: []
    }
  }

  static func supported(_ kind: ResourceKind) -> Set<String> {
    let names = kind.isNamespaced ? always : ["metadata.name"]
    return names.union(beyondMetadata(kind))
  }

  /// Parses the text and checks that the kind knows the fields. Throws upstream's 400.
  static func parse(_ text: String, kind: ResourceKind) throws(APIStatus) -> FieldSelector {
    let selector: FieldSelector
    do {
      selector = try FieldSelector(text)
    } catch {
      throw .badRequest(error.message)
    }
    let supported = supported(kind)
    for term in selector.terms where !supported.contains(term.field) {
      let known = always.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
      throw .badRequest(
        beyondMetadata(kind).isEmpty
          ? "\"\(term.field)\" is not a known field selector: only \(known)"
          : "field label not supported: \(term.field)")
    }
    return selector
  }

  /// The values an object is selected by, besides name and namespace.
  static func values(of object: JSON, kind: ResourceKind) -> [String: String] {
    var values: [String: String] = [:]
    for field in beyondMetadata(kind) { values[field] = value(of: field, in: object) }
    return values
  }

  private static func value(of field: String, in object: JSON) -> String {
    switch field {
    case "name": object.name
    case "source": object["source"]?["component"]?.string ?? object["reportingComponent"]?.string ?? ""
    case "spec.hostNetwork": object[path: "spec", "hostNetwork"]?.bool == true ? "true" : "false"
    case "spec.unschedulable": object[path: "spec", "unschedulable"]?.bool == true ? "true" : "false"
    case "status.successful": String(object[path: "status", "succeeded"]?.int ?? 0)
    case "status.replicas": String(object[path: "status", "replicas"]?.int ?? 0)
    default: object[path: field.split(separator: ".").map(String.init)]?.string ?? ""
    }
  }
}
