import HTTPTypes
import JSONTree
import KubernetesAPI
import NIOConcurrencyHelpers
import NIOCore

/// The OpenAPI v3 documents, made when they are first asked for and kept.
final class OpenAPIDocuments: Sendable {
  private struct Made {
    var index: ByteBuffer
    var documents: [String: (text: ByteBuffer, hash: String)]
  }

  private let source: OpenAPIDocument
  private let made = NIOLockedValueBox<Made?>(nil)

  init(_ source: OpenAPIDocument) { self.source = source }

  /// - Parameter parts: the path behind `/openapi`.
  func answer(_ parts: [String], query: QueryParameters) -> APIServerResponse? {
    guard parts.first == "v3" else { return APIServerResponse(.unknownPath) }
    let made = make()
    if parts.count == 1 { return APIServerResponse(encoded: made.index) }
    guard let document = made.documents[parts.dropFirst().joined(separator: "/")] else {
      return APIServerResponse(.unknownPath)
    }
    if let asked = query.text("hash"), asked != document.hash {
      return APIServerResponse(
        status: .movedPermanently,
        headers: [.location: "/openapi/\(parts.joined(separator: "/"))?hash=\(document.hash)"],
        body: .buffer(ByteBuffer()))
    }
    var response = APIServerResponse(encoded: document.text)
    response.headers[.eTag] = "\"\(document.hash)\""
    if query.text("hash") != nil { response.headers[.cacheControl] = "public, immutable" }
    return response
  }

  private func make() -> Made {
    made.withLockedValue { made in
      if let made { return made }
      var documents: [String: (text: ByteBuffer, hash: String)] = [:]
      var hashes: [GroupVersion: String] = [:]
      for groupVersion in source.groupVersions {
        guard let text = source.document(groupVersion)?.encoded() else { continue }
        let hash = OpenAPIDocument.hash(text)
        hashes[groupVersion] = hash
        documents[String(groupVersion.path.dropFirst())] = (ByteBuffer(bytes: text), hash)
      }
      let new = Made(index: ByteBuffer(bytes: source.index(hashes: hashes).encoded()), documents: documents)
      made = new
      return new
    }
  }
}
