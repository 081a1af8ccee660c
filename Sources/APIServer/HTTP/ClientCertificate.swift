import NIOSSL
import SwiftASN1
import X509

/// Who a client certificate says its holder is: the common name is the user, each organization a group.
enum ClientCertificate {
  /// `nil` for a subject without a common name. The transport has verified the certificate already.
  static func user(_ certificate: NIOSSLCertificate) -> User? {
    guard let bytes = try? certificate.toDERBytes(), let parsed = try? Certificate(derEncoded: bytes) else {
      return nil
    }
    var name: String?
    var groups: [String] = []
    for relative in parsed.subject {
      for attribute in relative {
        guard let value = String(attribute.value) else { continue }
        if attribute.type == .RDNAttributeType.commonName { name = value }
        if attribute.type == .RDNAttributeType.organizationName { groups.append(value) }
      }
    }
    guard let name else { return nil }
    return User(name: name, groups: groups + ["system:authenticated"])
  }
}
