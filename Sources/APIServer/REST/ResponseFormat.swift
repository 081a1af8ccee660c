/// In which form a client wants its objects, from `Accept`.
package struct ResponseFormat: Sendable, Hashable {
  package enum Shape: Sendable, Hashable {
    case object
    case table(version: String)
    case partialMetadata
  }

  package var shape = Shape.object
  package var isIndented: Bool

  /// The first form in `accept` that is served. Throws 406 where there is none.
  init(accept: String, query: QueryParameters) throws(APIStatus) {
    isIndented = query.flag("pretty")
    if accept.isEmpty || accept == "*/*" || accept == "application/json" { return }
    for part in accept.split(separator: ",") {
      if let shape = Self.shape(MediaType(part)) {
        self.shape = shape
        return
      }
    }
    throw .notAcceptable(["application/json", "application/json;as=Table", "application/json;as=PartialObjectMetadata"])
  }

  private static func shape(_ type: MediaType) -> Shape? {
    guard ["application/json", "*/*", "application/*"].contains(type.essence) else { return nil }
    guard let form = type.parameters["as"] else { return .object }
    let isMeta = type.parameters["g"] == "meta.k8s.io"
    switch (form, type.parameters["v"] ?? "") {
    case ("Table", let version) where isMeta && (version == "v1" || version == "v1beta1"):
      return .table(version: version)
    case ("PartialObjectMetadata", "v1"), ("PartialObjectMetadataList", "v1"): return isMeta ? .partialMetadata : nil
    default: return nil
    }
  }
}
