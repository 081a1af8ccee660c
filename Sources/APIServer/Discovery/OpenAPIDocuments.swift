import HTTPTypes
import JSONTree
import KubernetesAPI
import NIOConcurrencyHelpers
import NIOCore

/// The OpenAPI documents, made when they are first asked for and kept.
final class OpenAPIDocuments: Sendable {
  private struct Made {
    var index: ByteBuffer
    var documents: [String: CompactDocument]
  }

  /// The forms of `/openapi/v2`, best first.
  private enum Form: CaseIterable {
    case json, protobuf

    static let protobufType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
    /// From when the name of a media type was not looked at closely; clients still ask for it.
    static let oldProtobufType = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"

    var contentType: String {
      switch self {
      case .json: "application/json"
      case .protobuf: Self.protobufType
      }
    }

    init?(accepting essence: String) {
      switch essence {
      case "application/json", "application/*", "*/*": self = .json
      case Self.protobufType, Self.oldProtobufType: self = .protobuf
      default: return nil
      }
    }
  }

  private let source: OpenAPIDocument
  private let second: OpenAPIv2Document
  private let made = NIOLockedValueBox<Made?>(nil)
  private let forms = NIOLockedValueBox<[Form: CompactDocument]>([:])

  init(_ source: OpenAPIDocument, _ second: OpenAPIv2Document) {
    self.source = source
    self.second = second
  }

  /// - Parameter parts: the path behind `/openapi`.
  func answer(
    _ parts: [String], _ request: APIServerRequest, query: QueryParameters
  ) throws(APIStatus) -> APIServerResponse {
    if parts == ["v2"] { return try secondAnswer(request) }
    guard parts.first == "v3" else { throw .unknownPath }
    let made = try make()
    if parts.count == 1 { return APIServerResponse(encoded: made.index) }
    guard let document = made.documents[parts.dropFirst().joined(separator: "/")] else { throw .unknownPath }
    if let asked = query.text("hash"), asked != document.tag {
      return APIServerResponse(
        status: .movedPermanently,
        headers: [.location: "/openapi/\(parts.joined(separator: "/"))?hash=\(document.tag)"],
        body: .buffer(ByteBuffer()))
    }
    var response = try document.answer(request)
    if query.text("hash") != nil { response.headers[.cacheControl] = "public, immutable" }
    return response
  }

  private func secondAnswer(_ request: APIServerRequest) throws(APIStatus) -> APIServerResponse {
    let accept = request.headers[.accept] ?? "*/*"
    guard let form = MediaType.ranked(accept).lazy.compactMap({ Form(accepting: $0.essence) }).first else {
      return APIServerResponse(status: .notAcceptable, headers: [.vary: "Accept"], body: .buffer(ByteBuffer()))
    }
    if let document = forms.withLockedValue({ $0[form] }) { return try document.answer(request) }
    let text = form == .json ? second.json() : second.protobuf()
    let document = try CompactDocument(text, contentType: form.contentType)
    forms.withLockedValue { $0[form] = document }
    return try document.answer(request)
  }

  private func make() throws(APIStatus) -> Made {
    if let made = made.withLockedValue({ $0 }) { return made }
    var documents: [String: CompactDocument] = [:]
    var hashes: [GroupVersion: String] = [:]
    for groupVersion in source.groupVersions {
      guard let text = source.document(groupVersion)?.encoded() else { continue }
      let hash = OpenAPIDocument.hash(text)
      hashes[groupVersion] = hash
      documents[String(groupVersion.path.dropFirst())] = try CompactDocument(
        text, contentType: "application/json", tag: hash)
    }
    let new = Made(index: ByteBuffer(bytes: source.index(hashes: hashes).encoded()), documents: documents)
    made.withLockedValue { $0 = new }
    return new
  }
}
