import NIOSSL

/// A self-signed certificate for servers of tests, good for a hundred years.
enum TestCertificate {
  static func server() throws -> TLSConfiguration {
    try TLSConfiguration.makeServerConfiguration(
      certificateChain: NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)).map { .certificate($0) },
      privateKey: .privateKey(NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)))
  }

  private static let key = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgIWGgQOyUzjuY8rwz
    gm+GgLyf6PheJ9hXedXOaF3NIzehRANCAAT34vEBoer/xAcEjPIKVRRHA8uwnF+l
    BKwZqeLSWtOmNzfR+Eoin7kx0/9vzbsqvYUltWgLDP1bPWcuxju2LuJ2
    -----END PRIVATE KEY-----
    """

  private static let certificate = """
    -----BEGIN CERTIFICATE-----
    MIIBeTCCAR+gAwIBAgIUMWOtTeeGZWRlpKmb6p+kWSxYPg8wCgYIKoZIzj0EAwIw
    ETEPMA0GA1UEAwwGbm9kZS0xMCAXDTI2MTEyNTE1NDgwN1oYDzIxMjYxMTAxMTU0
    ODA3WjARMQ8wDQYDVQQDDAZub2RlLTEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
    AAT34vEBoer/xAcEjPIKVRRHA8uwnF+lBKwZqeLSWtOmNzfR+Eoin7kx0/9vzbsq
    vYUltWgLDP1bPWcuxju2LuJ2o1MwUTAdBgNVHQ4EFgQUhaimbVghrcUktLphs4YX
    ATRxfrAwHwYDVR0jBBgwFoAUhaimbVghrcUktLphs4YXATRxfrAwDwYDVR0TAQH/
    BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEApnPcyTMoO5A2XuZZ56HHVXSB9VEm
    OQ7hVpw/Y/d5qegCIGNCu6aqKLYFrg4TXra32WtNCk90AK37G5JbEX+RqWaX
    -----END CERTIFICATE-----
    """
}
