import KubernetesAPI

/// In which form a client wants its objects, from `Accept`.
package struct ResponseFormat: Sendable, Hashable {
  package enum Shape: Sendable, Hashable {
    case object
    case table(version: String)
    case partialMetadata

    var isTable: Bool { if case .table = self { true } else { false } }
  }

  package enum Encoding: Sendable, Hashable {
    case json
    case protobuf
  }

  package var shape = Shape.object
  package var encoding = Encoding.json
  package var isIndented: Bool

  /// The first form in `accept` that is served. Throws 406 where there is none.
  /// - Parameter allowsTables: Whether what is asked for can be had as a table.
  init(accept: String, query: QueryParameters, allowsTables: Bool = true) throws(APIStatus) {
    isIndented = query.flag("pretty")
    if accept.isEmpty || accept == "*/*" || accept == "application/json" { return }
    let choices = Self.choices(accept).filter { allowsTables || !$0.shape.isTable }
    guard let (shape, encoding) = choices.first else {
      throw .notAcceptable([
        "application/json", "application/json;as=Table", "application/json;as=PartialObjectMetadata",
        ProtobufDecoder.mediaType, "\(ProtobufDecoder.mediaType);as=PartialObjectMetadata",
      ])
    }
    (self.shape, self.encoding) = (shape, encoding)
    if encoding == .protobuf { isIndented = false }
    guard encoding == .protobuf, case .table = shape else { return }
    // Tables have a JSON form only; these are upstream's words for it.
    throw APIStatus(
      code: 406, reason: "NotAcceptable",
      message: "object *v1.Table does not implement the protobuf marshalling interface and cannot be encoded to a "
        + "protobuf message")
  }

  /// How a document or a `Status` is written for a client: forms that change an object's shape do not count here.
  static func encodingOfStatus(accept: String) -> Encoding {
    guard accept.contains(ProtobufDecoder.mediaType) else { return .json }
    return choices(accept).first { $0.shape == .object }?.encoding ?? .json
  }

  /// What is served of what a client accepts, best first: by quality, then types without wildcards.
  private static func choices(_ accept: String) -> [(shape: Shape, encoding: Encoding)] {
    return MediaType.ranked(accept).compactMap { type in
      guard let encoding = encoding(type), let shape = shape(type) else { return nil }
      return (shape, encoding)
    }
  }

  private static func encoding(_ type: MediaType) -> Encoding? {
    switch type.essence {
    case "application/json", "*/*", "application/*": .json
    case ProtobufDecoder.mediaType: .protobuf
    default: nil
    }
  }

  private static func shape(_ type: MediaType) -> Shape? {
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
