import HTTPTypes
import JSONTree
import NIOCore

/// By these others can check ServiceAccount tokens themselves (OpenID Connect Discovery 1.0).
struct IssuerDocuments: Sendable {
  let tokens: ServiceAccountTokens
  /// `HOST:PORT` of this server.
  let serverAddress: String

  /// `nil` for a path that is neither document's.
  func answer(_ path: String) -> APIServerResponse? {
    switch path {
    case "/.well-known/openid-configuration", "/.well-known/openid-configuration/":
      Self.document(
        [
          "issuer": .string(tokens.issuer), "jwks_uri": .string("https://\(serverAddress)/openid/v1/jwks"),
          "response_types_supported": ["id_token"], "subject_types_supported": ["public"],
          "id_token_signing_alg_values_supported": ["ES256"],
        ], type: "application/json")
    case "/openid/v1/jwks", "/openid/v1/jwks/":
      Self.document(["keys": [tokens.key.publicKey]], type: "application/jwk-set+json")
    default: nil
    }
  }

  private static func document(_ json: JSON, type: String) -> APIServerResponse {
    var response = APIServerResponse(encoded: ByteBuffer(bytes: json.encoded()), contentType: type)
    // As upstream.
    response.headers[.cacheControl] = "public, max-age=3600"
    return response
  }
}
