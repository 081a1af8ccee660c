import Compression
import Crypto
import HTTPTypes
import NIOCore

/// A large document that is asked for now and then: kept compressed, which is a tenth of it.
struct CompactDocument: Sendable {
  let contentType: String
  /// Changes when the document does.
  let tag: String
  private let size: Int
  private let compressed: [UInt8]

  init(_ text: [UInt8], contentType: String, tag: String? = nil) throws(APIStatus) {
    self.contentType = contentType
    size = text.count
    self.tag = tag ?? Self.tag(of: text)
    do {
      compressed = try CompressionFormat.gzip.compressed(text)
    } catch {
      throw .internalError("a document cannot be compressed: \(error)")
    }
  }

  /// As upstream: SHA-512 in hexadecimal.
  static func tag(of text: [UInt8]) -> String {
    SHA512.hash(data: text).map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return byte < 16 ? "0" + digits : digits
    }.joined()
  }

  /// The document for a client, or 304 where the client has it.
  func answer(_ request: APIServerRequest) throws(APIStatus) -> APIServerResponse {
    var headers: HTTPFields = [.eTag: "\"\(tag)\""]
    headers[.vary] = "Accept, Accept-Encoding"
    let known = (request.headers[.ifNoneMatch] ?? "").split(separator: ",")
    if known.contains(where: { $0.contains("\"\(tag)\"") || $0 == "*" }) {
      return APIServerResponse(status: .notModified, headers: headers, body: .buffer(ByteBuffer()))
    }
    headers[.contentType] = contentType
    if ResponseCompression.isAccepted(request.headers) {
      headers[.contentEncoding] = "gzip"
      return APIServerResponse(headers: headers, body: .buffer(ByteBuffer(bytes: compressed)))
    }
    do {
      var inflater = try Inflater(Inflater.Configuration(.gzip))
      return APIServerResponse(
        headers: headers, body: .buffer(ByteBuffer(bytes: try inflater.decompress(compressed, limit: size))))
    } catch {
      throw .internalError("a document cannot be decompressed: \(error)")
    }
  }
}
