import SwiftASN1
import X509

/// The user a client certificate names: its common name, with its organizations as groups.
enum CertificateIdentity {
  static func user(derEncoded bytes: [UInt8]) throws -> User? {
    user(of: try Certificate(derEncoded: bytes))
  }

  static func user(pemEncoded text: String) throws -> User? { user(of: try Certificate(pemEncoded: text)) }

  private static func user(of certificate: Certificate) -> User? {
    var name = ""
    var groups: [String] = []
    for relativeName in certificate.subject {
      for attribute in relativeName {
        let value = String(describing: attribute.value)
        if attribute.type == .RDNAttributeType.commonName { name = value }
        if attribute.type == .RDNAttributeType.organizationName { groups.append(value) }
      }
    }
    return name.isEmpty ? nil : User(name: name, groups: groups + ["system:authenticated"])
  }
}
