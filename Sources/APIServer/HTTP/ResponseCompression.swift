import Compression
import HTTPTypes
import NIOCore

/// Large answers, compressed for clients that take them so.
enum ResponseCompression {
  /// Smaller ones are not worth the time; upstream's threshold and level.
  static let threshold = 128 << 10
  static let level = 1

  /// Whether a client takes gzip. As upstream, whatever quality it gives it.
  static func isAccepted(_ headers: HTTPFields) -> Bool {
    guard let accepted = headers[.acceptEncoding] else { return false }
    return accepted.split(separator: ",").contains { MediaType.essence(String($0)) == "gzip" }
  }

  static func isWorthwhile(_ response: APIServerResponse, for headers: HTTPFields) -> Bool {
    guard case .buffer(let buffer) = response.body, buffer.readableBytes > threshold,
      response.headers[.contentEncoding] == nil
    else { return false }
    return isAccepted(headers)
  }

  /// The answer as the client wants it. Streams stay as they are.
  static func compressed(_ response: APIServerResponse, for headers: HTTPFields) -> APIServerResponse {
    guard isWorthwhile(response, for: headers), case .buffer(let buffer) = response.body,
      let bytes = try? CompressionFormat.gzip.compressed(Array(buffer.readableBytesView), level: level)
    else { return response }
    var compressed = response
    compressed.headers[.contentEncoding] = "gzip"
    compressed.headers.append(HTTPField(name: .vary, value: "Accept-Encoding"))
    compressed.body = .buffer(ByteBuffer(bytes: bytes))
    return compressed
  }
}
