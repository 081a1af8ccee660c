import JSONTree
import KubernetesAPI

/// Objects as the rows that `kubectl get` prints.
enum TableRendering {
  static func table(
    _ objects: [JSON], metadata: JSON, of request: ResourceRequest, version: String, withColumns: Bool = true
  ) -> JSON {
    let includes = request.query.text("includeObject").flatMap { ObjectTable.IncludedObject(rawValue: $0) }
    return ObjectTable(of: request.kind, now: .now, including: includes ?? .metadata, version: version)
      .table(objects, metadata: metadata, withColumns: withColumns)
  }
}
