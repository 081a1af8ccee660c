import HTTPTypes
import JSONTree
import KubernetesAPI
import NIOCore

/// Answers in protobuf.
enum ProtobufAnswers {
  private static let encoder = ProtobufEncoder()

  static func response(_ bytes: [UInt8], code: Int = 200) -> APIServerResponse {
    APIServerResponse(encoded: ByteBuffer(bytes: bytes), code: code, contentType: ProtobufDecoder.mediaType)
  }

  static func object(
    _ object: CachedObject, kind: ResourceKind, cache: ProtobufCache, code: Int
  ) throws(APIStatus) -> APIServerResponse {
    let body = try cache.body(of: object, kind: kind)
    return response(ProtobufEnvelope.object(apiVersion: kind.apiVersion, kind: kind.kind, body: body), code: code)
  }

  static func list(
    _ page: [CachedObject], metadata: JSON, kind: ResourceKind, cache: ProtobufCache
  ) throws(APIStatus) -> APIServerResponse {
    var items: [[UInt8]] = []
    items.reserveCapacity(page.count)
    for object in page { items.append(try cache.body(of: object, kind: kind)) }
    guard let schema = SchemaRegistry.shared.message("io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta"),
      let meta = encoder.body(metadata, schema)
    else { throw .internalError("lists have no protobuf form") }
    return response(
      ProtobufEnvelope.object(
        apiVersion: kind.apiVersion, kind: kind.listKind, body: ProtobufEnvelope.list(metadata: meta, items: items)))
  }

  /// An answer made as JSON in the form that the client asked for, where its kind has that form.
  static func converted(_ response: APIServerResponse, accept: String?) -> APIServerResponse {
    guard let accept, accept.contains(ProtobufDecoder.mediaType), response.headers[.contentType] == "application/json",
      case .buffer(let buffer) = response.body, let tree = try? JSON.parse(Array(buffer.readableBytesView))
    else { return response }
    // Only shaped objects are what the shaped forms in `accept` are about.
    let isShaped = tree.apiVersion.hasPrefix("meta.k8s.io/")
    let encoding =
      isShaped
      ? (try? ResponseFormat(accept: accept, query: QueryParameters("")))?.encoding ?? .json
      : ResponseFormat.encodingOfStatus(accept: accept)
    guard encoding == .protobuf, let bytes = encoder.object(tree) else { return response }
    var converted = response
    converted.headers[.contentType] = ProtobufDecoder.mediaType
    converted.body = .buffer(ByteBuffer(bytes: bytes))
    return converted
  }

  /// One event of a watch. `nil` for an object that has no protobuf form.
  static func event(_ type: String, _ tree: JSON) -> ByteBuffer? {
    encoder.object(tree).map { ByteBuffer(bytes: ProtobufEnvelope.watchFrame(type, object: $0)) }
  }
}
